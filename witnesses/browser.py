#!/usr/bin/env python3
"""Chromium on what pages from elsewhere can do to a testbed: move its clock, revoke, read, frame; and that ours go on working."""

import tempfile
from pathlib import Path

from harness import HERE, TOOLS, hear, run
from material import Testbed, find_binary


def questions(report, _material):
    with tempfile.TemporaryDirectory(prefix="eseal-browser-") as folder:
        testbed = Testbed(find_binary([]), Path(folder) / "data", Path(folder) / "log")
        try:
            issued = next((Path(folder) / "data" / "documents").glob("*.pdf"))
            trust = Path(folder) / "data" / "worlds" / "default" / "trust"
            serial = run("openssl", "x509", "-noout", "-serial", "-in", trust / "seal.pem").out.strip().split("=")[1].lower()
            script = (HERE / "browser" / "foreign.mjs").read_text()
            (TOOLS / "browser" / "foreign.mjs").write_text(script)  # beside its node_modules
            seen = run("node", TOOLS / "browser" / "foreign.mjs", testbed.base, issued.stem, serial, issued, timeout=600)
            for line in seen.out.splitlines():
                report.answer(*line.split("\t"))
            if seen.code != 0:
                report.fail("broke off: " + " / ".join(seen.lines()[-5:]))
            report.answer("stop", "testbed", testbed.stop())
        finally:
            testbed.process.kill()


if __name__ == "__main__":
    hear("browser", questions)
