#!/usr/bin/env python3
"""Clients over TLS that trust a world's root and nothing else: Java's HttpsURLConnection and HttpClient, and the EU wallet's client of the CSC
API. They read the key server's `info`, take a time-stamp and an OCSP answer, which OpenSSL judges; another world's root is refused."""

import json
import tempfile
from pathlib import Path

from harness import HERE, JAVA, WALLET_JAR, hear, run
from material import Testbed, find_binary


class Served:
    """A testbed over TLS, with the questions that are sent."""

    def __init__(self, folder):
        self.folder = folder
        self.testbed = Testbed(find_binary([]), folder / "data", folder / "log", "--tls=127.0.0.1:0")
        self.https = json.loads((folder / "data" / "running.json").read_text())["https"]
        self.trust = folder / "data" / "worlds" / "default" / "trust"
        (folder / "info.json").write_text("{}")
        run("openssl", "ts", "-query", "-data", __file__, "-sha256", "-cert", "-out", folder / "stamp.tsq")
        run("openssl", "ocsp", "-issuer", self.trust / "intermediates.pem", "-cert", self.trust / "seal.pem", "-no_nonce", "-reqout", folder / "status.ocsp")

    def asked(self, report, ask, prefix):
        """`ask` runs a client: (root, url, type, file with the body, file for the answer)."""
        root = self.trust / "root.pem"
        for what, path, kind, body in (("info", "/csc/v2/info", "application/json", "info.json"),
                                       ("stamp", "/tsa", "application/timestamp-query", "stamp.tsq"),
                                       ("status", "/ca/ocsp", "application/ocsp-request", "status.ocsp")):
            answer = self.folder / (prefix + what)
            report.answer(prefix, what, " / ".join(ask(root, self.https + path, kind, self.folder / body, answer).lines()))
            report.answer("judged", prefix + "-" + what, self.judged(what, answer))
        stranger = run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null", "-subj", "/CN=another root", "-days", "2")
        other = self.folder / "other.pem"
        other.write_text(stranger.out)
        report.answer(prefix, "another-root", ask(other, self.https + "/csc/v2/info", "application/json", self.folder / "info.json", "/dev/null").first("FAIL"))

    def judged(self, what, answer):
        if not answer.exists():
            return "no answer"
        if what == "info":
            return "oauth2 at " + json.loads(answer.read_text())["oauth2"].replace(self.https, "HTTPS")
        if what == "stamp":
            return run("openssl", "ts", "-verify", "-in", answer, "-queryfile", self.folder / "stamp.tsq", "-CAfile", self.trust / "all.pem").first("Verification")
        return run("openssl", "ocsp", "-respin", answer, "-issuer", self.trust / "intermediates.pem", "-cert", self.trust / "seal.pem", "-CAfile", self.trust / "all.pem").first("Response verify")

    def wallet(self, report):
        client = json.loads((self.folder / "data" / "worlds" / "default" / "csc-client.json").read_text())
        said = run(*JAVA, "-jar", WALLET_JAR, self.trust / "root.pem", self.https + "/csc/v2", client["client_id"], client["client_secret"])
        for line in said.lines():
            report.answer("wallet", *line.split(": ", 1)) if ": " in line else report.fail(line)


def questions(report, _material):
    with tempfile.TemporaryDirectory(prefix="eseal-tls-") as folder:
        served = Served(Path(folder))
        try:
            served.asked(report, lambda *words: run(*JAVA, HERE / "java" / "Ask.java", *words), "java")
            served.wallet(report)
        finally:
            served.testbed.stop()


if __name__ == "__main__":
    hear("tls", questions)
