#!/usr/bin/env python3
"""`eseal doctor` sends the clients that are installed here to a testbed of its own: over TLS, after the world's clock was moved and has gone on, while
it stands still, and when no testbed runs. What it says of each is what the client said: a client that fails here, or is not asked without a reason, is told.

    what it asks them: docs/clients.md
"""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from harness import PYTHON, hear, run
from material import Testbed, find_binary

CLIENTS = ["curl", "OpenSSL", "faketime", "pyHanko", "pdfsig", "jarsigner", "Browsers"]  # further ones may be there or not


def doctor(binary, folder, *options):
    """The rows of its report, by their names."""
    environment = dict(os.environ, PATH="%s:%s" % (PYTHON, os.environ["PATH"]), LC_ALL="C.UTF-8")
    said = subprocess.run([binary, "doctor", "--json", *options], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=900)
    rows = [json.loads(line) for line in said.stdout.decode().splitlines()]
    return {row["name"]: row for row in rows if "name" in row} or {"?": {"result": said.stderr.decode(), "detail": None}}


def asked(report, when, rows):
    for client in CLIENTS:
        row = rows.get(client, rows.get("?", {"result": "no row", "detail": None}))
        report.answer(when, client, " ".join(filter(None, [row["result"], row["detail"] if row["result"] == "failed" else None])))


def questions(report, _material):
    if os.environ.get("FAKETIME"):
        return report.skip("another day: programs are shown one by doctor itself", is_witness=False)
    binary = find_binary([])
    with tempfile.TemporaryDirectory(prefix="eseal-doctor-") as folder:
        data = Path(folder) / "data"
        testbed = Testbed(binary, data, Path(folder) / "log", "--tls=127.0.0.1:0")
        try:
            told = json.loads((data / "running.json").read_text())
            root = data / "worlds" / "default" / "trust" / "root.pem"
            asked(report, "tls", doctor(binary, folder, "--url", told["https"], "--cacert", root))
            report.answer("clock", "advance", "exit code %d" % run(binary, "clock", "advance", "400d", "--data", data).code)
            rows = doctor(binary, folder, "--data", data)
            asked(report, "400-days-later", rows)
            report.answer("surroundings", "port", rows.get("port", {}).get("detail", "no row"))
            report.answer("clock", "freeze", "exit code %d" % run(binary, "clock", "freeze", "--data", data).code)
            asked(report, "standing-still", doctor(binary, folder, "--data", data))
        finally:
            testbed.stop()
        rows = doctor(binary, folder, "--data", data)
        asked(report, "by-itself", rows)
        report.answer("surroundings", "port-of-its-own", rows.get("port", {}).get("detail", "no row").replace(told["base"].split("//")[1], "ITS ADDRESS"))


if __name__ == "__main__":
    hear("doctor", questions)
