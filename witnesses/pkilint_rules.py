#!/usr/bin/env python3
"""pkilint on the profiles of our certificates, CRLs and OCSP answers. It prints only findings: none is a pass.

The seal certificate is also linted as an ETSI legal person's certificate. Those rules refuse every certificate whose
addresses are on the loopback interface (`etsi.internal_domain_name`), as ours are: exactly that finding is expected.

The same is asked in a world made from a plan, in which every algorithm that authorities may have signs certificates, CRLs and OCSP answers.
pkilint takes every signature of an RSA key for PKCS#1 v1.5, so that RSASSA-PSS fails in it; there OpenSSL verifies the certificates too.
"""

import csv
import re
import tempfile
from pathlib import Path

from harness import forked, hear, run
from material import Testbed, find_binary
from openssl_status import Subject, certificates, subjects
from pkilint.bin import lint_crl, lint_etsi_cert, lint_ocsp_response, lint_pkix_cert, lint_pkix_signer_signee_cert_chain


ALGORITHMS = ["P-256", "P-384", "P-521", "RSA-2048", "RSA-3072", "RSA-4096", "RSA-2048-PSS", "RSA-3072-PSS", "RSA-4096-PSS", "Ed25519"]
ONE_ALGORITHM = """
[[authority]]
id = "root-{id}"
common_name = "Root {name}"
algorithm = "{name}"

[[authority]]
id = "issuing-{id}"
parent = "root-{id}"
common_name = "Issuing {name}"
algorithm = "{name}"

[[credential]]
id = "seal-{id}"
profile = "seal"
algorithm = "{key}"
authority = "issuing-{id}"

[[time_stamping_unit]]
name = "{id}"
common_name = "Unit {name}"
algorithm = "{unit}"
authority = "issuing-{id}"
"""
BADGE = """
[[credential]]
id = "badge"
profile = "badge"
algorithm = "RSA-2048"
"""


def lint(tool, *words):
    """The codes of the linter's findings with their severities, or `no finding`."""
    outcome = forked(tool, "lint", "-f", "CSV", "-s", "NOTICE", *words)
    rows = list(csv.DictReader(outcome.out.splitlines()))
    if not outcome.out.startswith("node_path,") or (outcome.code == 0) != (not rows):
        return "(exit code %d) %s" % (outcome.code, " / ".join(outcome.lines()))
    return ", ".join(sorted({"%(code)s (%(severity)s)" % row for row in rows})) or "no finding"


def one_certificate(report, one, scratch):
    report.answer("certificate", one.name, lint(lint_pkix_cert.main, one.file))
    report.answer("issuer-and-subject", one.name, lint(lint_pkix_signer_signee_cert_chain.main, one.issuer, one.file))
    if one.name.startswith("seal"):
        report.answer("etsi", one.name, lint(lint_etsi_cert.main, "-t", "NCP-LEGAL-PERSON-CERTIFICATE", one.file))
    revocation_list, answer = scratch / (one.name + ".crl.pem"), scratch / (one.name + ".ocsp")
    revocation_list.write_text(one.crl())
    kind = "ARL" if one.name.startswith("intermediates") else "CRL"
    report.answer("crl-over", one.name, lint(lint_crl.main, "-t", kind, "-p", "PKIX", revocation_list))
    run("openssl", "ocsp", "-issuer", one.issuer, "-cert", one.file, "-url", one.ocsp_address(), "-respout", answer, "-noverify")
    report.answer("ocsp-over", one.name, lint(lint_ocsp_response.main, answer))


class Planned:
    """A world in which each algorithm has a root, an issuing authority, a seal and a time-stamping unit. Ed25519 is for authorities alone."""

    def __init__(self, folder):
        plan = folder / "plan.toml"
        plan.write_text("version = 1\n" + "".join(ONE_ALGORITHM.format(
            id=name.lower(), name=name, key="P-256" if name == "Ed25519" else name.replace("-PSS", ""), unit="P-256" if name == "Ed25519" else name,
        ) for name in ALGORITHMS) + BADGE)
        self.testbed = Testbed(find_binary([]), folder / "data", folder / "log")
        self.made = self.testbed.command("world", "new", "algorithms", "--plan", plan)

    def trust(self, name, _world=None):
        return self.testbed.data / "worlds" / "algorithms" / "trust" / (name + ".pem")

    def ask(self, report, folder):
        if self.made.code:
            return report.fail("no world from the plan: " + " / ".join(self.made.lines()))
        for kind in ("root", "intermediates", "seal", "tsa"):
            found = [self.subject(kind, pem, folder) for pem in certificates(self.trust(kind))]
            if sorted(one.name for one in found) != sorted("%s-%s" % (kind, name) for name in ALGORITHMS):
                report.fail("certificates in %s of the planned world: %s" % (kind, ", ".join(one.name for one in found)))
            for one in found:
                if kind == "root":
                    report.answer("certificate", one.name, lint(lint_pkix_cert.main, one.file))
                else:
                    one_certificate(report, one, folder)
                    report.answer("signature", one.name, run("openssl", "verify", "-x509_strict", "-partial_chain", "-trusted", one.issuer, one.file).first("^error", ": OK$").replace(str(one.file) + ": ", ""))

    def subject(self, kind, pem, folder):
        """Named after the algorithm that signed it, which stands in its issuer's name."""
        issuer = run("openssl", "x509", "-noout", "-issuer", input=pem.encode()).out
        return Subject(self, "algorithms", "%s-%s" % (kind, re.search(r"(?:Root|Issuing) (\S+) ", issuer).group(1)), pem, folder)


def questions(report, material):
    scratch = material.scratch("pkilint")
    (scratch / "root.pem").write_text(certificates(material.trust("root"))[0])
    report.answer("certificate", "root", lint(lint_pkix_cert.main, scratch / "root.pem"))
    for one in subjects(material, scratch):
        one_certificate(report, one, scratch)
    with tempfile.TemporaryDirectory(prefix="eseal-pkilint-") as folder:
        planned = Planned(Path(folder))
        try:
            planned.ask(report, Path(folder))
        finally:
            planned.testbed.stop()


if __name__ == "__main__":
    hear("pkilint", questions)
