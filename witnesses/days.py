#!/usr/bin/env python3
"""The Rust tests, the stories and the witnesses once more, as if it were a later day: what works today only because of the date is found.

    days.py --tests FILE [--eseal BINARY] [--later DAYS]... [witnesses/run's NAMES]

FILE is what `cargo test --no-run --message-format json-render-diagnostics` said. Nothing is built here: the compiler would take the files' dates for
changes. Every program is started with libfaketime before it (`faketime`), the monotonic clock left alone. The days: 400 and nine years.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.dont_write_bytecode = True
from harness import HERE
from material import find_binary

LATER = [400, 9 * 365]
# What cannot run at another time, and why. It is printed, so that nobody takes it for tested.
NOT_HERE = ["raster: its pictures and verdicts are of fixed times, and no program that draws is asked for a date",
            "testbed house: it reads the source and asks cargo about it, and neither has a day",
            "examples in the documentation: rustdoc compiles them when it runs them",
            "go-timestamp: a program of Go asks the kernel for the time, not the C library, so it sees today's"]
WITHOUT_DAY = ["testbed house"]  # test programs that are not run again
SECONDS = 600  # for one program: what hangs on another day fails there
ENDING = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored", re.MULTILINE)


class Day:
    """A later day: the environment in which programs see it, and what was counted there."""

    def __init__(self, later):
        self.later, self.name = later, "+%d days" % later
        for _ in range(20):  # it refuses where one with its process number was killed and left a semaphore of that name
            asked = subprocess.run(["faketime", "-m", "--exclude-monotonic", "-f", "+%dd" % later, "env"], stdout=subprocess.PIPE, text=True)
            if asked.returncode == 0:
                break
        asked.check_returncode()
        names = ("LD_PRELOAD", "FAKETIME", "FAKETIME_DONT_FAKE_MONOTONIC")  # not what processes share: one that is killed may hold its lock
        told = dict(line.split("=", 1) for line in asked.stdout.splitlines() if line.startswith(names))
        # Java waits on conditions of the monotonic clock. libfaketime moves those too unless it is told that they are right.
        self.environment = dict(os.environ, FAKETIME_FORCE_MONOTONIC_FIX="0", **{name: told[name] for name in names})
        self.rows, self.skips = [], {}

    def run(self, command, cwd=None, **more):
        """A command on that day: its exit code and all that it said."""
        try:
            done = subprocess.run([str(word) for word in command], cwd=cwd, env=dict(self.environment, **more), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS)
        except subprocess.TimeoutExpired as late:
            return 124, (late.stdout or b"").decode("utf-8", "replace") + "\nit did not end within %d s" % SECONDS
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def count(self, what, passed, failed, skipped, started):
        self.rows.append((what, passed, failed, skipped, time.monotonic() - started))

    def fail(self, words):
        print("FAIL days %s: %s" % (self.name, words), flush=True)

    def skip(self, what, words):
        self.skips.setdefault(words, what)


def controls(day, eseal):
    """Programs of each kind see that day. Without this, a `faketime` that does nothing would let everything pass."""
    started, passed, failed = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory() as data:
        day.run((eseal, "world", "new", "default", "--data", data))  # only this and `up` make one
        asked = [(eseal, "clock", "get", "--json", "--data", data),
                 (sys.executable, "-c", "import time; print(time.strftime('%Y-%m-%dT', time.gmtime()))"),
                 ("java", "-Xlog:gc*=info:stdout:utctime", "-version")]
        wanted = datetime.now(timezone.utc) + timedelta(days=day.later)
        for command in asked:
            if not shutil.which(str(command[0])):
                continue
            _, said = day.run(command)
            if any((wanted + timedelta(days=about)).strftime("%Y-%m-%dT") in said for about in (0, 1)):
                passed += 1
            else:
                failed += 1
                day.fail("%s does not see that day: %s" % (Path(command[0]).name, said[:300]))
    day.count("control", passed, failed, 0, started)


def test_programs(file):
    """(name, program, folder of its package) of every test program that cargo built."""
    for line in Path(file).read_text(errors="replace").splitlines():
        message = json.loads(line) if line.startswith("{") else {}
        if message.get("reason") == "compiler-artifact" and message["profile"]["test"] and message["executable"]:
            folder = Path(message["manifest_path"]).parent
            name = "%s %s" % (folder.name, message["target"]["name"])
            if name not in WITHOUT_DAY:
                yield name, message["executable"], folder


def rust(day, programs):
    started, counts = time.monotonic(), [0, 0, 0]
    for name, program, folder in programs:
        code, said = day.run([program, "--show-output"], cwd=folder, CARGO_MANIFEST_DIR=str(folder))
        ending = ENDING.search(said)
        passed, failed, ignored = [int(number) for number in ending.groups()] if ending else (0, 0, 0)
        skips = re.findall(r"^skipped: (.+)$", said, re.MULTILINE)
        for words in skips:
            day.skip("rust", words)
        for test in re.findall(r"^test (.+) \.\.\. FAILED$", said, re.MULTILINE):
            day.fail("%s, %s: %s" % (name, test, panic(test, said)))
        if code != 0 and not failed:
            failed = 1
            day.fail("%s: exit code %d: %s" % (name, code, said[-500:]))
        counts = [before + now for before, now in zip(counts, (passed - len(skips), failed, ignored + len(skips)))]
    if not counts[0]:
        day.fail("no test passed")
        counts[1] += 1
    day.count("rust", *counts, started)


def panic(test, said):
    """Where a test panicked and the first lines of why."""
    block = said.partition("---- %s stdout ----\n" % test)[2].partition("\n---- ")[0]
    found = re.search(r"panicked at (?:.+\n?){1,4}", block.partition("stack backtrace:")[0])
    return " ".join((found.group(0) if found else block).split())[:500]


def stories(day, eseal):
    started = time.monotonic()
    code, said = day.run([eseal, "scenario", "run", "--all", "--json"])
    results = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    others = [one for one in results if one.get("result") != "passed"]
    for one in others:
        day.fail("story: %s" % json.dumps(one, ensure_ascii=False)[:500])
    failed = len(others) or (0 if code == 0 and results else 1)
    if failed and not others:
        day.fail("stories: exit code %d: %s" % (code, said[-500:]))
    day.count("scenarios", len(results) - len(others), failed, 0, started)


def witnesses(day, eseal, names):
    started = time.monotonic()
    _, said = day.run([sys.executable, HERE / "run", "--eseal", eseal, "--without", "raster", "--without", "browser", *names])
    closing = re.search(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", said, re.MULTILINE)
    for words in re.findall(r"^FAIL (.+)$", said, re.MULTILINE):
        day.fail(words[:1000])
    for words in re.findall(r"^skipped (.+)$", said, re.MULTILINE):
        day.skip("witnesses", words)
    if not closing:
        day.fail("witnesses/run did not end: " + said[-500:])
    day.count("witnesses", *([int(number) for number in closing.groups()] if closing else (0, 1, 0)), started)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--tests", required=True)
    parser.add_argument("--eseal")
    parser.add_argument("--later", type=int, action="append")
    options = parser.parse_args()
    eseal = str(Path(options.eseal).resolve()) if options.eseal else find_binary([])
    if not shutil.which("faketime"):
        required = os.environ.get("REQUIRE_WITNESSES") == "1"
        print("%s days: faketime is not installed" % ("FAIL" if required else "skipped"))
        print("\n0 passed, %d failed, %d skipped" % ((1, 0) if required else (0, 1)))
        sys.exit(required)
    programs, days = list(test_programs(options.tests)), [Day(later) for later in options.later or LATER]
    for day in days:
        controls(day, eseal)
        rust(day, programs)
        stories(day, eseal)
        witnesses(day, eseal, options.names)
    for words, what in {words: what for day in days for words, what in day.skips.items()}.items():
        print("skipped %s: %s" % (what, words))
    print("".join("not on another day: %s\n" % words for words in NOT_HERE))
    for day in days:
        for what, *counts in day.rows:
            print("%-10s %-10s %5d passed %3d failed %3d skipped %6.1f s" % (day.name, what, *counts))
    totals = [sum(row[column] for day in days for row in day.rows) for column in (1, 2, 3)]
    print("%d passed, %d failed, %d skipped" % tuple(totals))
    sys.exit(1 if totals[1] else 0)


if __name__ == "__main__":
    main()
