#!/usr/bin/env python3
"""Viewers draw what was sealed and what the file shows now: where the pictures differ, no verdict may pass.

    raster.py FOLDER     FOLDER is scratch; `witnesses/run raster` does it

In: the forged files of the crate's tests (ESEAL_KEEP_FORGERIES=FOLDER cargo test --workspace --test forgeries; here too the
folder is target/forgeries unless that variable names another), the stories' files, the handed cases. Each is drawn page by page by poppler and by PDFium, its oldest sealed revision
and the whole of it, without the rectangles of signature fields that got their value in between. Both are drawn once more with
their cross-reference tables lost: a reader that rebuilds a file sees objects that no table lists. Pictures differ, and the seals
are not called failed: that is a failure here, whatever rule should have found it.

A verdict that is only undecided counts like one that passes: more evidence would turn it into one.
"""

import json
import logging
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import cases
import foreign
import pdf_cms
import pypdfium2
from asn1crypto import x509 as asn1_x509
from asn1crypto.keys import PrivateKeyInfo
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from harness import HERE, Report, run
from material import find_binary
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner, sign_pdf
from pyhanko_certvalidator.registry import SimpleCertificateStore

FORGERIES = Path(os.environ.get("ESEAL_KEEP_FORGERIES") or HERE.parent / "target" / "forgeries")
FORGED_AT = "2026-11-24T09:00:00Z"  # the time of the forgeries' tests
logging.disable(logging.CRITICAL)  # PDFium's remarks on forms; pyHanko's on forged files
PAGES = 10  # enough for every file here; a file with thousands of pages is no question of pictures
DOTS = 72  # an inch: one a unit of the page


# Drawing.

def poppler(pdf):
    """[(width, height, RGB)] of the first pages; `None` if nothing was drawn."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "in.pdf").write_bytes(pdf)
        try:
            subprocess.run(["pdftoppm", "-r", str(DOTS), "-l", str(PAGES), "in.pdf", "page"], cwd=folder, timeout=60,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return None
        return [picture(path.read_bytes()) for path in sorted(Path(folder).glob("page*.ppm"))] or None


def picture(ppm):
    head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", ppm)
    return int(head.group(1)), int(head.group(2)), ppm[head.end():]


def pdfium(pdf):
    try:
        document = pypdfium2.PdfDocument(pdf)
        document.init_forms()
        drawn = []
        for number in range(min(len(document), PAGES)):
            bitmap = document[number].render(scale=DOTS / 72, rev_byteorder=True, force_bitmap_format=pypdfium2.raw.FPDFBitmap_BGR)
            rows = bytes(bitmap.buffer)
            drawn.append((bitmap.width, bitmap.height, b"".join(
                rows[row * bitmap.stride:row * bitmap.stride + 3 * bitmap.width] for row in range(bitmap.height))))
        return drawn or None
    except pypdfium2.PdfiumError:
        return None


VIEWERS = {"poppler": poppler, "PDFium": pdfium}


def without_tables(pdf):
    """The same bytes with no way to their cross-reference sections, in the same length."""
    return re.sub(rb"(startxref\s+)(\d+)", lambda found: found.group(1) + b"9" * len(found.group(2)), pdf)


@lru_cache(maxsize=32)  # many forgeries are made from one sealed file
def drawn(pdf):
    """{way of reading: pages}."""
    pictures = {name: draw(pdf) for name, draw in VIEWERS.items()}
    return dict(pictures, **{name + " rebuilding": draw(without_tables(pdf)) for name, draw in VIEWERS.items()})


# Comparing.

def differences(pdf):
    """The ways of reading in which a file shows something else than its oldest sealed revision; `None` if nothing was added to it.
    Where no byte range is found, nothing is known to be sealed, and that counts as a difference."""
    ends = [int(found.group(3)) + int(found.group(4)) for found in pdf_cms.BYTE_RANGE.finditer(pdf)]
    if not ends:
        return ["nobody: no byte range is found"]
    return differ(pdf[:min(ends)], pdf) if min(ends) < len(pdf) else None


def differ(sealed, newest):
    before, after = drawn(sealed), drawn(newest)
    suspects = [name for name in before if before[name] != after[name]]
    if not suspects:
        return []
    hidden = new_seals(sealed, newest)
    return [name for name in suspects if not same(before[name], after[name], hidden)]


def same(before, after, hidden):
    if before is None or after is None or len(before) != len(after):
        return before == after
    return all(same_page(old, new, hidden.get(number, ())) for number, (old, new) in enumerate(zip(before, after)))


def same_page(old, new, rectangles):
    """Equal dot by dot, but for the rectangles of fields that had been prepared and of those over nothing but one colour."""
    if old[:2] != new[:2]:
        return False
    width, height, before, after = old[0], old[1], bytearray(old[2]), bytearray(new[2])
    for prepared, left, bottom, right, top in rectangles:
        first, last = max(0, int(left) - 1), min(width, int(right) + 2)
        rows = [slice(3 * (row * width + first), 3 * (row * width + last))
                for row in range(max(0, height - int(top) - 2), min(height, height - int(bottom) + 1))] if first < last else []
        inside = b"".join(before[row] for row in rows)
        if prepared or inside == inside[:3] * (len(inside) // 3):
            for row in rows:
                before[row] = after[row] = bytes(3 * (last - first))
    return before == after


def new_seals(sealed, newest):
    """{page number: rectangles} of the widgets of signature fields that have a value now and had none, and whether they were on the
    page before. Those that would hide half a page are not among them. A file that pyHanko does not read has none: it is compared whole."""
    try:
        before = PdfFileReader(BytesIO(sealed), strict=False)
        was = {one.field_name for one in before.embedded_signatures}
        known = {one.idnum for page in before.root["/Pages"]["/Kids"] for one in page.get_object().get("/Annots", ())}
        reader, found = PdfFileReader(BytesIO(newest), strict=False), {}
        fresh = [one.sig_field for one in reader.embedded_signatures if one.field_name not in was]
        for number, page in enumerate(reader.root["/Pages"]["/Kids"]):
            box = [float(one) for one in page.get_object().get("/MediaBox", reader.root["/Pages"].get("/MediaBox", [0, 0, 0, 0]))]
            for widget in page.get_object().get("/Annots", ()):
                if any(widget.get_object() == field or widget in field.get("/Kids", ()) for field in fresh):
                    left, bottom, right, top = [float(one) for one in widget.get_object()["/Rect"]]
                    if 2 * (right - left) * (top - bottom) < (box[2] - box[0]) * (box[3] - box[1]):
                        found.setdefault(number, []).append((widget.idnum in known, left - box[0], bottom - box[1], right - box[0], top - box[1]))
        return found
    except Exception:  # whatever a forged file makes a reader of it do
        return {}


# The files.

class Question:
    """One file, and what the testbed says of it."""

    def __init__(self, name, path, report):
        self.name, self.path = name, Path(path)
        seals = [one for one in report.get("signatures", []) if one["kind"] == "seal"]
        self.verdict = "/".join(filter(None, [report.get("indication"), report.get("sub_indication")]))
        self.refused = not seals or any(one["indication"] == "TOTAL-FAILED" for one in seals)


def verified(eseal, files, trust, at):
    """The testbed's report on each of these files, by its path, with the default policy."""
    reports = {}
    for start in range(0, len(files), 100):
        some = files[start:start + 100]
        said = run(eseal, "verify", "--json", "--offline", "--trust", trust, "--at", at, *some)
        rows = [json.loads(line) for line in said.out.splitlines()]
        rows = {row["input"] if "error" in row else row["file"]: row for row in rows}
        for path in some:
            if str(path) not in rows:
                raise RuntimeError("eseal verify says nothing of %s: %s" % (path, said.text[-500:]))
            reports[path] = {"indication": "unreadable"} if "error" in rows[str(path)] else rows[str(path)]
    return reports


def forgeries(report, eseal):
    files = sorted(FORGERIES.glob("*.pdf"))
    if not files:
        report.skip("forgeries: there are none; ESEAL_KEEP_FORGERIES=$PWD/target/forgeries cargo test --workspace --test forgeries")
        return
    for path, said in verified(eseal, files, FORGERIES / "root.pem", FORGED_AT).items():
        yield Question("forgery " + path.stem, path, said)


def stories(eseal, folder):
    played = run(eseal, "scenario", "run", "--all", "--keep", folder)
    if played.code != 0:
        raise RuntimeError("the stories could not be played: " + played.text[-2000:])
    for manifest in sorted(Path(folder).glob("*/manifest.json")):
        story = json.loads(manifest.read_text())
        for number, one in enumerate(story["verifications"], 1):
            yield Question("story %s, verification %d" % (story["case"], number), manifest.parent / one["file"], one["report"])


def handed(report, eseal):
    folder = cases.folder()
    if folder is None:
        return cases.skip(report)
    for case in cases.sealed(folder):
        for at in case.times:
            yield Question("case " + case.name, case.path, verified(eseal, [case.path], case.trust, at)[case.path])


# The controls: a viewer that sees no change, or one in every file, could let everything pass.

def controls():
    """(what was done, the sealed revision, the newest)."""
    sealed, start = foreign.revision(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", foreign.objects(False), 7)
    other = {4: foreign.stream("An invoice of nobody else")}
    changed, _ = foreign.revision(sealed, other, 7, start)
    yield "visible-change", sealed, changed
    yield "unlisted-change", sealed, sealed + b"4 0 obj\n" + other[4].encode() + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % start
    title, _ = foreign.revision(sealed, {6: "<< /Title (Invoice 2026-002) >>"}, 7, start)
    yield "no-visible-change", sealed, title
    signer = anybody()
    first = signed(signer, sealed, "First", None)
    yield "second-seal-on-white", first, signed(signer, first, "Second", (300, 100, 450, 150))
    yield "second-seal-over-text", first, signed(signer, first, "Second", (60, 750, 210, 800))


def anybody():
    """A signer of whom nobody has heard: only his field is looked at."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(timezone.utc)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Anybody")])
    certificate = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1)).sign(key, hashes.SHA256())
    der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return SimpleSigner(signing_cert=asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER)),
                        signing_key=PrivateKeyInfo.load(der), cert_registry=SimpleCertificateStore())


def signed(signer, pdf, field, box):
    out = sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), PdfSignatureMetadata(field_name=field), signer=signer,
                   new_field_spec=SigFieldSpec(field, box=box))
    return out.getvalue()


def seen(names):
    return "seen by " + ", ".join(names) if names else "nothing seen"


def look(path):
    return differences(Path(path).read_bytes())


def ask(report, folder):
    for what, sealed, newest in controls():
        report.answer("control", what, seen(differ(sealed, newest)))
    eseal = find_binary([])
    asked = [*forgeries(report, eseal), *stories(eseal, Path(folder) / "scratch" / "raster"), *handed(report, eseal)]
    paths = list(dict.fromkeys(str(one.path) for one in asked))
    with ProcessPoolExecutor(2) as pool:
        drawn_paths = dict(zip(paths, pool.map(look, paths, chunksize=8)))
    counts = {}
    for one in asked:
        names, kind = drawn_paths[str(one.path)], one.name.split()[0]
        count = counts.setdefault(kind, [0, 0, 0])
        count[0] += 1
        count[1] += names is not None
        count[2] += bool(names)
        if names and not one.refused:
            report.fail("%s: %s, and the verdict is %s" % (one.name, seen(names), one.verdict))
        else:
            report.passed += 1
            print("pass raster %s: %s; %s" % (one.name, "nothing was added" if names is None else seen(names), one.verdict))
        if kind == "case" and report.expected.row("seen", one.name[5:]):
            report.answer("seen", one.name[5:], seen(names))
    for kind, (files, longer, different) in counts.items():
        if not different:
            report.fail("%s: no file looks different, so this cannot fail" % kind)
        print("%s: %d verdicts, %d on files with something added, %d that look different" % (kind, files, longer, different))


def main():
    report = Report("raster")
    try:
        ask(report, sys.argv[1])
    except Exception as error:
        report.fail("broke off: %s: %s" % (type(error).__name__, error))
        if os.environ.get("WITNESS_TRACE"):
            raise
    sys.exit(report.close())


if __name__ == "__main__":
    main()
