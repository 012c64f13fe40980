#!/usr/bin/env python3
"""pyHanko's command line on every document, revocation data fetched from the testbed where it is missing.

`validate` asks whether the seal is valid now; `adesverify` also takes time-stamps into account (EN 319 102-1).
pyHanko exits with 0 for a file without any signature, so the status line of the seal counts, together with the exit code.
"""

import re

import pyhanko.cli  # noqa: F401  loaded here once, for all the forks
from harness import forked, hear
from pyhanko.__main__ import launch


def status(outcome):
    """`FIELD:FINGERPRINT:INTACT:TRUSTED,…` of the first seal without its fingerprint, and the exit code."""
    rows = [line for line in outcome.out.splitlines() if re.match(r"[^:]+:[0-9a-f]{64}:", line)]
    words = re.sub(r":[0-9a-f]{64}:", ": ", rows[0]) if rows else "(no status line) " + " / ".join(outcome.lines()[-3:])
    return "%s; exit code %d" % (words, outcome.code)


def questions(report, material):
    for document in material.documents:
        world = document["world"]
        trust = ["--trust", material.trust("root", world), "--trust-replace", "--other-certs", material.trust("intermediates", world)]
        for question in ("validate", "adesverify"):
            outcome = forked(launch, "sign", question, *trust, document["path"], cwd=material.scratch("pyhanko-cli"))
            report.answer(question, document["subject"], status(outcome))


if __name__ == "__main__":
    hear("pyhanko-cli", questions)
