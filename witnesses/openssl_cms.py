#!/usr/bin/env python3
"""OpenSSL on the CMS of each seal, taken out of the PDF by its ByteRange alone."""

from pathlib import Path

import pdf_cms
from harness import hear, openssl_reasons, run


def questions(report, material):
    scratch = material.scratch("openssl-cms")
    for document in material.documents:
        subject, world = document["subject"], document["world"]
        seal = pdf_cms.seal(Path(document["path"]).read_bytes())
        cms, signed = scratch / (subject + ".der"), scratch / (subject + ".signed")
        cms.write_bytes(seal.cms)
        signed.write_bytes(seal.signed)
        outcome = run("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", cms, "-content", signed,
                      "-CAfile", material.trust("root", world), "-certfile", material.trust("intermediates", world),
                      "-purpose", "any", "-out", "/dev/null")
        report.answer("seal", subject, ": ".join([outcome.first(r"^CMS Verification", r"^Error")] + openssl_reasons(outcome.text)))


if __name__ == "__main__":
    hear("openssl-cms", questions)
