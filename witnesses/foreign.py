#!/usr/bin/env python3
"""PDFs that the testbed did not make, written by hand: what `eseal seal` must leave intact.

    python3 foreign.py FOLDER      writes classic.pdf, form.pdf, updated.pdf, and with qpdf xref-stream.pdf

classic      one page, cross-reference table
form         the same with an AcroForm that has a text field and a check box
updated      classic with two incremental updates: a changed title, then a second page
xref-stream  form rewritten by qpdf with a cross-reference stream and object streams
"""

import shutil
import subprocess
import sys
from pathlib import Path

PAGE = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /Font << /F1 5 0 R >> >> %s>>"


def stream(text):
    content = "BT /F1 24 Tf 72 760 Td (%s) Tj ET" % text
    return "<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def table(numbered_offsets):
    """A classic cross-reference table, one subsection for each run of consecutive numbers."""
    numbers, out = sorted(numbered_offsets), "xref\n"
    while numbers:
        run = [numbers.pop(0)]
        while numbers and numbers[0] == run[-1] + 1:
            run.append(numbers.pop(0))
        out += "%d %d\n" % (run[0], len(run))
        for number in run:
            out += "%010d %05d %s \n" % (numbered_offsets[number], 65535 if number == 0 else 0, "f" if number == 0 else "n")
    return out


def revision(before, objects, size, previous=None):
    """Appends objects, a cross-reference table and a trailer to the bytes of what was there before."""
    out, offsets = before, {} if previous is not None else {0: 0}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += ("%d 0 obj\n%s\nendobj\n" % (number, body)).encode("ascii")
    chain = "" if previous is None else " /Prev %d" % previous
    trailer = "trailer\n<< /Size %d /Root 1 0 R /Info 6 0 R%s >>\nstartxref\n%d\n%%%%EOF\n" % (size, chain, len(out))
    return out + (table(offsets) + trailer).encode("ascii"), len(out)


def objects(form):
    catalog = " /AcroForm << /Fields [7 0 R 8 0 R] /DR << /Font << /F1 5 0 R >> >> /DA (/F1 12 Tf 0 g) >>" if form else ""
    found = {
        1: "<< /Type /Catalog /Pages 2 0 R%s >>" % catalog,
        2: "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: PAGE % (4, "/Annots [7 0 R 8 0 R] " if form else ""),
        4: stream("An invoice of somebody else"),
        5: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        6: "<< /Title (Invoice 2026-001) >>",
    }
    if form:
        found[7] = ("<< /Type /Annot /Subtype /Widget /FT /Tx /T (Remarks) /V (none) /F 4 /Rect [72 600 300 620] /P 3 0 R"
                    " /DA (/F1 12 Tf 0 g) >>")
        found[8] = "<< /Type /Annot /Subtype /Widget /FT /Btn /T (Paid) /V /Off /AS /Off /F 4 /Rect [72 560 90 578] /P 3 0 R >>"
    return found


def classic():
    return revision(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", objects(form=False), 7)[0]


def form():
    return revision(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", objects(form=True), 9)[0]


def updated():
    first, at_first = revision(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", objects(form=False), 7)
    second, at_second = revision(first, {6: "<< /Title (Invoice 2026-001, corrected) >>"}, 7, at_first)
    page = {2: "<< /Type /Pages /Kids [3 0 R 8 0 R] /Count 2 >>", 7: stream("Second page"), 8: PAGE % (7, "")}
    return revision(second, page, 9, at_second)[0]


def write(folder):
    """Writes the files and returns {name: path}."""
    made = {}
    for name, make in (("classic", classic), ("form", form), ("updated", updated)):
        made[name] = Path(folder) / (name + ".pdf")
        made[name].write_bytes(make())
    if shutil.which("qpdf"):
        made["xref-stream"] = Path(folder) / "xref-stream.pdf"
        subprocess.run(["qpdf", "--object-streams=generate", made["form"], made["xref-stream"]], check=True)
    return made


if __name__ == "__main__":
    for path in write(sys.argv[1]).values():
        print(path)
