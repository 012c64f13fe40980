#!/usr/bin/env python3
"""poppler, MuPDF and PDFium read names in scripts of the world out of sealed certificates: as they were written, or not."""

import unicodedata

import pymupdf
import pypdfium2

from harness import hear, run
from material import BESIDE, SCRIPTS

# Marks of direction, which readers add to what they turn round.
MARKS = dict.fromkeys([*range(0x202A, 0x202F), 0x200E, 0x200F, 0xFEFF])


def poppler(path):
    return run("pdftotext", "-enc", "UTF-8", path, "-").out


def mupdf(path):
    with pymupdf.open(path) as document:
        return "".join(page.get_text() for page in document)


def pdfium(path):
    document = pypdfium2.PdfDocument(path)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


READERS = {"poppler": poppler, "MuPDF": mupdf, "PDFium": pdfium}


def found(text, name):
    """How a text has a name on a line of its own; in canonical order, since two signs of one letter are the same in either order."""
    lines = [unicodedata.normalize("NFC", line.translate(MARKS).strip()) for line in text.splitlines()]
    wanted = unicodedata.normalize("NFC", name)
    if wanted in lines:
        return "as written"
    if wanted.replace(" ", "") in [line.replace(" ", "") for line in lines]:
        return "as written but for blanks"
    letters = set(wanted.replace(" ", ""))
    nearest = max(lines, key=lambda line: len(letters & set(line)) / (1 + len(set(line) - letters)))
    return "otherwise: %s" % nearest.encode("unicode_escape").decode()


def questions(report, material):
    names = {"page-%s-B-LTA" % script: name for script, (name, _) in SCRIPTS.items()}
    names.update({"page-beside-%s-B-LTA" % script: "%s 殿" % name for script, name in BESIDE.items()})
    for document in material.documents:
        name = names.get(document["subject"])
        for reader, read in READERS.items() if name else ():
            report.answer(reader, document["subject"], found(read(document["path"]), name))


if __name__ == "__main__":
    hear("names", questions)
