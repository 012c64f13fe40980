#!/usr/bin/env python3
"""The Rust tests of whatever has a world, with worlds in PostgreSQL: postgres_tests.py TESTS.json

TESTS.json is what `cargo test --no-run --message-format json` said, so that nothing is built a second time for a few crates. The
database is in ESEAL_TEST_POSTGRES. Prints what failed, what was left out and why, and the counts.
"""

import os
import re
import subprocess
import sys

from days import ENDING, SECONDS, test_programs

CRATES = {"world", "signer", "ca", "tsa", "issuer", "laboratory", "scenarios", "console", "testbed"}
# `house` reads the source; `upgrade` opens worlds that earlier programs kept, and those are files.
WITHOUT_DATABASE = {"testbed house", "testbed upgrade"}


def main(file):
    passed = failed = 0
    skips = {}  # what is about SQLite alone says so; it is no pass
    for name, program, folder in test_programs(file):
        if folder.name not in CRATES or name in WITHOUT_DATABASE:
            continue
        try:
            done = subprocess.run([program, "--show-output"], cwd=folder, env=dict(os.environ, CARGO_MANIFEST_DIR=str(folder)), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS)
            said, code = done.stdout.decode("utf-8", "replace"), done.returncode
        except subprocess.TimeoutExpired as late:
            said, code = (late.stdout or b"").decode("utf-8", "replace"), 124
        ending = ENDING.search(said)
        counts = [int(number) for number in ending.groups()] if ending else [0, 0, 0]
        skipped = re.findall(r"^skipped: (.+)$", said, re.MULTILINE)
        for words in skipped:
            skips[words] = skips.get(words, 0) + 1
        passed, failed = passed + counts[0] - len(skipped), failed + max(counts[1], int(code != 0))
        print("%s: %s" % (name, ending.group(0) if ending else "no end, exit code %d" % code), flush=True)
        if code:
            print("\n".join("  | " + line for line in said.splitlines() if "FAILED" in line or "panicked at" in line or "has been running for" in line), flush=True)
    for words, times in skips.items():
        print("skipped %d: %s" % (times, words))
    print("%d passed, %d failed, %d skipped" % (passed, failed, sum(skips.values())))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
