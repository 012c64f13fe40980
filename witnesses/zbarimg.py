#!/usr/bin/env python3
"""zbarimg reads the QR code on the first page, as poppler draws it: the address of the public verification page."""

from harness import hear, run


def questions(report, material):
    scratch = material.scratch("zbarimg")
    for document in material.documents:
        if document["origin"] in ("issued", "template"):
            page = scratch / document["subject"]
            run("pdftoppm", "-r", "150", "-png", "-singlefile", document["path"], page)
            read = run("zbarimg", "-q", "--raw", str(page) + ".png").out.strip()
            report.answer("qr", document["subject"], read.replace(material.base(document["world"]), "BASE") or "(no code found)")


if __name__ == "__main__":
    hear("zbarimg", questions)
