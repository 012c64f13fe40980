#!/usr/bin/env python3
"""pkilint on the profiles of our certificates, CRLs and OCSP answers. Silence is a pass: it prints only findings.

The seal certificate is linted with the rules of RFC 5280, not with the linter's ETSI rules: those refuse every certificate
whose addresses are on the loopback interface (`etsi.internal_domain_name`), as ours are.
"""

import re

from harness import PYTHON, hear, run
from openssl_status import Subject, subjects, certificates


def findings(outcome):
    """The linter's findings without the offsets where they were found, or `no finding`."""
    rows = [line for line in outcome.lines() if re.search(r"\((FATAL|ERROR|WARNING|NOTICE)\)|Traceback|Error", line)]
    if outcome.code == 0 and not outcome.lines():
        return "no finding"
    return " / ".join(rows or outcome.lines()) or "(no words, exit code %d)" % outcome.code


def lint(tool, *words):
    return findings(run(PYTHON / tool, "lint", *words, "-s", "NOTICE"))


def questions(report, material):
    scratch = material.scratch("pkilint")
    root = certificates(material.trust("root"))[0]
    (scratch / "root.pem").write_text(root)
    report.answer("certificate", "root", lint_file("lint_pkix_cert", scratch / "root.pem"))
    for one in subjects(material, scratch):
        report.answer("certificate", one.name, lint_file("lint_pkix_cert", one.file))
        list_file = scratch / (one.name + ".crl.pem")
        list_file.write_text(one.crl())
        kind = "ARL" if one.name.startswith("intermediate") else "CRL"
        report.answer("crl-over", one.name, lint_file("lint_crl", list_file, "-t", kind, "-p", "PKIX"))
        answer = scratch / (one.name + ".ocsp")
        run("openssl", "ocsp", "-issuer", one.issuer, "-cert", one.file, "-url", one.ocsp_address(), "-respout", answer, "-noverify")
        report.answer("ocsp-over", one.name, lint_file("lint_ocsp_response", answer))


def lint_file(tool, file, *options):
    return lint(tool, *options, file)


if __name__ == "__main__":
    hear("pkilint", questions)
