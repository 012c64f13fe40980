#!/usr/bin/env python3
"""pkilint on the profiles of our certificates, CRLs and OCSP answers. It prints only findings: none is a pass.

The seal certificate is also linted as an ETSI legal person's certificate. Those rules refuse every certificate whose
addresses are on the loopback interface (`etsi.internal_domain_name`), as ours are: exactly that finding is expected.
"""

import csv

from harness import forked, hear, run
from openssl_status import certificates, subjects
from pkilint.bin import lint_crl, lint_etsi_cert, lint_ocsp_response, lint_pkix_cert, lint_pkix_signer_signee_cert_chain


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


def questions(report, material):
    scratch = material.scratch("pkilint")
    (scratch / "root.pem").write_text(certificates(material.trust("root"))[0])
    report.answer("certificate", "root", lint(lint_pkix_cert.main, scratch / "root.pem"))
    for one in subjects(material, scratch):
        one_certificate(report, one, scratch)


if __name__ == "__main__":
    hear("pkilint", questions)
