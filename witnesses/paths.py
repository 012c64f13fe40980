#!/usr/bin/env python3
"""Path building by others in a world made from a plan: two roots, three levels, a cross-certificate and a new key under an old name.

    Root A ── Middle (old key) ── Issuing ── Seal
       └───── Middle (new key) ── Late ───── Late Seal
    Root B ── Middle (old key), the cross-certificate

OpenSSL and Java find a path from each seal to each root that there is one to, and none after a certificate in it was revoked."""

import re
import tempfile
from pathlib import Path

from harness import HERE, JAVA, fetch, hear, run
from material import Testbed, find_binary
from openssl_status import certificates

PLAN = """
version = 1

[[authority]]
id = "root-a"
common_name = "Root A"
algorithm = "P-384"
begins = "-5y"

[[authority]]
id = "root-b"
common_name = "Root B"
algorithm = "RSA-3072-PSS"
begins = "-5y"

[[authority]]
id = "middle"
parent = "root-a"
common_name = "Middle"
algorithm = "RSA-2048"
begins = "-4y"
rollovers = ["-1y"]

[[authority]]
id = "issuing"
parent = "middle"
common_name = "Issuing"
begins = "-3y"

[[authority]]
id = "late"
parent = "middle"
common_name = "Late"
algorithm = "P-521"
begins = "-90d"

[[cross_certificate]]
subject = "middle"
issuer = "root-b"
begins = "-2y"

[[credential]]
id = "seal"
profile = "seal"
algorithm = "P-256"
authority = "issuing"
common_name = "Seal"

[[credential]]
id = "late"
profile = "seal"
algorithm = "P-256"
authority = "late"
common_name = "Late Seal"

[[credential]]
id = "badge"
profile = "badge"
algorithm = "RSA-2048"
"""
AUTHORITIES = ["root-a", "root-b", "middle", "middle.2", "issuing", "late"]  # as their CRLs are called
# Java fetches CRLs and issuers; newer ones fetch issuers only from where they are told they may.
FETCHING = ["-Dcom.sun.security.enableCRLDP=true", "-Dcom.sun.security.enableAIAcaIssuers=true", "-Dcom.sun.security.allowedAIALocations=any"]


def short(text):
    return text.replace("TESTBED ", "").replace(" (NOT QUALIFIED)", "")


def common_names(pem):
    """(subject's, issuer's)"""
    said = run("openssl", "x509", "-noout", "-subject", "-issuer", "-nameopt", "multiline", input=pem.encode()).out
    return tuple(short(name.strip()) for name in re.findall(r"commonName\s+= (.+)", said))


class World:
    """The world of the plan, with its certificates as files in `folder`, and a certificate revoked at each stage."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "plan.toml").write_text(PLAN)
        self.testbed = Testbed(find_binary([]), folder / "data", folder / "log")
        self.made = self.testbed.command("world", "new", "paths", "--plan", folder / "plan.toml")
        if self.made.code:
            self.testbed.stop()
            raise RuntimeError(self.made.text)
        trust = self.testbed.data / "worlds" / "paths" / "trust"
        self.others = [(*common_names(pem), pem) for pem in certificates(trust / "intermediates.pem")]
        self.roots = {names[0]: pem for pem in certificates(trust / "root.pem") for names in [common_names(pem)]}
        self.file("everything", *(pem for _, _, pem in self.others))
        self.file("nothing")
        for seal in certificates(trust / "seal.pem"):
            self.file(common_names(seal)[0], seal)
        self.anchors = {"Root A": ["Root A"], "Root B": ["Root B"], "both": ["Root A", "Root B"]}
        for name, roots in self.anchors.items():
            self.file(name, *(self.roots[root] for root in roots))

    def path(self, name):
        return self.folder / (name + ".pem")

    def file(self, name, *pems):
        self.path(name).write_text("".join(pems))
        return self.path(name)

    def stages(self, report):
        """Before each, one more certificate is revoked."""
        yield "at first"
        for stage, subject, issuer in (("cross-certificate revoked", "Middle", "Root B"),
                                       ("intermediate revoked", "Middle", "Root A"),
                                       ("late revoked", "Late", "Middle")):
            pem = next(pem for *names, pem in self.others if names == [subject, issuer])  # of two keys, the old one
            done = self.testbed.command("revoke", self.file("revoked", pem), "--reason", "cACompromise", "--world", "paths")
            report.answer("revoke", stage, "exit code %d" % done.code)
            yield stage

    def ask(self, report, program, stage, ask):
        """`ask` names the path that a program finds: (anchors, leaf)."""
        for leaf in ("Seal", "Late Seal"):
            for anchors in self.anchors:
                report.answer(program, "%s to %s, %s" % (leaf, anchors, stage), short(ask(anchors, leaf)))

    def lists(self, *names):
        """The CRLs of these authorities as a PEM file."""
        fetched = [run("openssl", "crl", "-inform", "DER", input=fetch("%s/w/paths/ca/crl/%s.crl" % (self.testbed.base, name))).out for name in names]
        return self.file("crls", *fetched)


def openssl(world, anchors, leaf, lists=AUTHORITIES):
    """OpenSSL takes one issuer a step and never turns back. So it is not shown what leads to a root that it does not trust."""
    ways = [pem for _, issuer, pem in world.others if issuer in world.anchors[anchors] or issuer not in world.roots]
    said = run("openssl", "verify", "-x509_strict", "-crl_check_all", "-CRLfile", world.lists(*lists), "-show_chain", "-nameopt", "multiline",
               "-CAfile", world.path(anchors), "-untrusted", world.file("untrusted", *ways), world.path(leaf))
    names = re.findall(r"commonName\s+= (.+?)(?: \(untrusted\))?$", said.out, re.MULTILINE)
    return " < ".join(names) if said.code == 0 else said.first(r"^error \d+")


def java(world, by, anchors, leaf, others="everything"):
    return run(*JAVA, *FETCHING, "-cp", world.folder, "Paths", by, world.path(anchors), world.path(others), world.path(leaf)).first("<", "FAIL")


def questions(report, _material):
    with tempfile.TemporaryDirectory(prefix="eseal-paths-") as folder:
        world = World(Path(folder))
        try:
            run("javac", "-d", world.folder, HERE / "java" / "Paths.java")
            for stage in world.stages(report):
                world.ask(report, "openssl", stage, lambda *what: openssl(world, *what))
                world.ask(report, "java-crl", stage, lambda *what: java(world, "crl", *what))
                world.ask(report, "java-ocsp", stage, lambda *what: java(world, "ocsp", *what))
                report.answer("java-addresses", stage, short(java(world, "crl", "both", "Late Seal", "nothing")))
                # A CRL of the new key says nothing of what the old one signed, though both have one name.
                report.answer("openssl-other-list", stage, openssl(world, "Root A", "Seal", [name for name in AUTHORITIES if name != "middle"]))
        finally:
            world.testbed.stop()


if __name__ == "__main__":
    hear("paths", questions)
