#!/usr/bin/env python3
"""OpenSSL in two worlds of one server, the default one and one under /w/NAME: it knows nothing but a certificate of the world and
its anchors, and follows the addresses in the certificate to the CRL (`verify -crl_download`), OCSP responder and issuer."""

import re
import tempfile
from pathlib import Path

from harness import fetch, hear, run
from material import Testbed, find_binary
from openssl_status import certificates, statement


def questions(report, _material):
    with tempfile.TemporaryDirectory(prefix="eseal-worlds-") as folder:
        folder = Path(folder)
        testbed = Testbed(find_binary([]), folder / "data", folder / "log")
        try:
            fetch(testbed.base + "/testbed/api/worlds/class", body=b"")
            for world in ("default", "class"):
                ask(report, testbed, world, folder)
        finally:
            testbed.stop()


def ask(report, testbed, world, folder):
    trust = testbed.data / "worlds" / world / "trust"
    for kind in ("seal", "tsa", "intermediates"):
        one = folder / ("%s-%s.pem" % (world, kind))
        one.write_text(certificates(trust / (kind + ".pem"))[0])
        path(report, one, trust)
        issuer = caissuers(report, one, trust)
        ocsp = run("openssl", "x509", "-in", one, "-noout", "-ocsp_uri").out.strip()
        report.answer("ocsp", one.stem, statement(run("openssl", "ocsp", "-url", ocsp, "-issuer", issuer, "-cert", one, "-CAfile", trust / "all.pem")))
    seal = folder / ("%s-seal.pem" % world)
    report.answer("revoke", world, "exit code %d" % testbed.command("revoke", seal, "--reason", "keyCompromise", "--world", world).code)
    path(report, seal, trust, "path-revoked")


def path(report, one, trust, question="path"):
    """The CRL is fetched by OpenSSL itself."""
    outcome = run("openssl", "verify", "-x509_strict", "-crl_check", "-crl_download", "-CAfile", trust / "root.pem", "-untrusted", trust / "intermediates.pem", one)
    report.answer(question, one.stem, outcome.first(r"^error \d+", r": OK$").replace(str(one) + ": ", ""))


def caissuers(report, one, trust):
    """The issuer's certificate, by its address in this one."""
    address = re.search(r"CA Issuers - URI:(\S+)", run("openssl", "x509", "-in", one, "-noout", "-ext", "authorityInfoAccess").out).group(1)
    issuer = one.with_suffix(".issuer.pem")
    issuer.write_text(run("openssl", "x509", "-inform", "DER", input=fetch(address)).out)
    known = "".join((trust / "all.pem").read_text().split())
    report.answer("ca-issuers", one.stem, "one of the world's" if "".join(issuer.read_text().split()) in known else "another certificate")
    return issuer


if __name__ == "__main__":
    hear("openssl-worlds", questions)
