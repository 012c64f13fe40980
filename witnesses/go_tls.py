#!/usr/bin/env python3
"""Go's net/http over TLS with a world's root: the questions of tls.py."""

import tempfile
from pathlib import Path

from harness import go_client, hear
from tls import Served


def questions(report, _material):
    with tempfile.TemporaryDirectory(prefix="eseal-go-tls-") as folder:
        served = Served(Path(folder))
        try:
            served.asked(report, lambda *words: go_client("ask", *words), "go")
        finally:
            served.testbed.stop()


if __name__ == "__main__":
    hear("go-tls", questions)
