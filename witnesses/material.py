#!/usr/bin/env python3
"""Makes the material that the witnesses judge, with the `eseal` binary alone.

    python3 material.py FOLDER [--eseal BINARY]     makes it, then serves until it is interrupted

Two worlds, each a data folder of its own with its own running testbed on a free port:

main      everything that is in order, and the tampered copies of it
revoked   documents that were sealed, and whose seal certificate was then revoked (keyCompromise)

Both worlds' clocks are left running from the system's time, so that programs that only know the wall clock agree with them.
FOLDER/material.json names everything.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import foreign
import pdf_cms
from harness import HERE, Report, fetch, run

LEVELS = ["B-B", "B-T", "B-LT", "B-LTA"]
EXAMPLES = HERE.parent / "examples"
COMPLETION = EXAMPLES / "certificate.json"
# Names in scripts of the world, each with the font of Debian that has it, beside those that the testbed has.
NOTO = "/usr/share/fonts/truetype/noto/NotoSans%s-Bold.ttf"
CJK = "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"
SCRIPTS = {
    "variation": ("葛\U000E0100城 花子", None), "vietnamese": ("Nguyễn Thị Ngọc Ánh", None), "cyrillic": ("Шевченко Тарас", None),
    "greek": ("Γεώργιος Παπανδρέου", None), "hangul": ("김철수", CJK), "simplified": ("简体 张伟", CJK), "extension-b": ("𠮷田 花子", CJK),
    "thai": ("สมชาย กิ่งแก้ว", NOTO % "Thai"), "arabic": ("محمد بن عبد الله", NOTO % "Arabic"), "hebrew": ("דוד בן־גוריון", NOTO % "Hebrew"),
    "devanagari": ("प्रिया शर्मा", NOTO % "Devanagari"), "bengali": ("রবীন্দ্রনাথ ঠাকুর", NOTO % "Bengali"),
    "vowels": ("مُحَمَّد", NOTO % "Arabic"), "more-vowels": ("مُحَمَّد الأَحْمَد", NOTO % "Arabic"), "points": ("שָׁלוֹם כֹּהֵן", NOTO % "Hebrew"), "ligature": ("علاء عبد الله", NOTO % "Arabic"),
    "tamil": ("சுப்பிரமணியன்", NOTO % "Tamil"), "armenian": ("Արամ Խաչատրյան", NOTO % "Armenian"), "georgian": ("შოთა რუსთაველი", NOTO % "Georgian"),
}
# Those whose name stands beside a template's own words, with the script that they are written in.
BESIDE = {"arabic": "محمد", "hebrew": "דוד", "several": "محمد بن علي"}
TEMPLATES = {"training": "certificate-training.json", "conformity": "conformity.json", "invoice": "invoice.json"}


class CannotStart(Exception):
    """There is no testbed to ask: the binary is not there, or named no address."""


class Testbed:
    """One `eseal up` over a data folder, and the commands that speak to it."""

    def __init__(self, binary, data, log, *options):
        self.binary, self.data, self.log = binary, data, log
        if not shutil.which(binary):
            raise CannotStart("%s cannot be run; `cargo build -p testbed` makes the testbed's binary" % binary)
        self.process = subprocess.Popen([binary, "up", "--data", str(data), "--listen", "127.0.0.1:0", "--json", *options],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=open(log, "wb"))
        self.base = self.address()

    def address(self):
        """The base address, from the first line that names one; the rest of the output is read and dropped."""
        found, ready = [], threading.Event()

        def read():
            for line in self.process.stdout:
                match = re.search(r"http://127\.0\.0\.1:\d+", line.decode("utf-8", "replace"))
                if match and not found:
                    found.append(match.group(0))
                    ready.set()
            ready.set()

        threading.Thread(target=read, daemon=True).start()
        ready.wait(120)
        if not found:
            self.process.kill()
            raise CannotStart("eseal up named no address; it said: " + Path(self.log).read_text(errors="replace")[-2000:])
        fetch(found[0] + "/healthz")
        return found[0]

    def command(self, *words):
        return run(self.binary, *words, "--data", self.data)

    def stop(self):
        """SIGTERM, as a service manager does it."""
        if self.process.poll() is not None:
            return "had ended before, exit code %d: %s" % (self.process.returncode, Path(self.log).read_text(errors="replace")[-2000:])
        self.process.send_signal(signal.SIGTERM)
        try:
            return "exit code %d after SIGTERM" % self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "still running 30 s after SIGTERM"


class Maker:
    """Makes documents and remembers them. Each command is itself a question with an expected answer."""

    def __init__(self, binary, folder):
        self.folder, self.report = Path(folder).resolve(), Report("material")
        self.binary, self.seconds = binary, 0.0
        self.documents, self.worlds = [], {}

    def ask(self, question, subject, world, *words):
        outcome = self.worlds[world].command(*words)
        said = "exit code %d" % outcome.code
        self.report.answer(question, subject, said if outcome.code == 0 else said + ": " + " / ".join(outcome.lines()))
        return outcome.code == 0

    def add(self, subject, path, world, **facts):
        self.documents.append(dict(facts, subject=subject, path=str(path), world=world))

    def path(self, subject):
        return self.folder / "documents" / (subject + ".pdf")

    def issue(self, subject, level, world="main", data=COMPLETION, origin="issued"):
        out = self.folder / "issued" / subject
        out.mkdir(parents=True)
        if self.ask("issue", subject, world, "issue", data, "--level", level, "--out", out):
            shutil.copy(next(out.rglob("*.pdf")), self.path(subject))
            self.add(subject, self.path(subject), world, level=level, origin=origin)

    def templates(self):
        """A sample of each other template, and an invoice of several pages."""
        for name, file in TEMPLATES.items():
            self.issue("page-%s-B-LTA" % name, "B-LTA", data=EXAMPLES / file, origin="template")
        long = json.loads((EXAMPLES / TEMPLATES["invoice"]).read_text("utf-8"))
        long["fields"]["items"] *= 20
        place = self.folder / "long-invoice.json"
        place.write_text(json.dumps(long), "utf-8")
        self.issue("page-long-invoice-B-LTA", "B-LTA", data=place, origin="template")

    def scripts(self):
        """A certificate for somebody of each script."""
        for script, (name, font) in SCRIPTS.items():
            if font and not Path(font).exists():
                self.report.skip("issue page-%s-B-LTA: %s is not there (Debian: fonts-noto-core, fonts-noto-cjk)" % (script, font))
                continue
            self.somebody(script, COMPLETION, name)
        for script, name in BESIDE.items():
            if Path(NOTO % "Arabic").exists() and Path(NOTO % "Hebrew").exists():
                self.somebody("beside-" + script, EXAMPLES / TEMPLATES["training"], name)

    def somebody(self, script, sample, name):
        """A sample's certificate with somebody else's name."""
        data = json.loads(sample.read_text("utf-8"))
        data["recipient"]["name"] = name
        place = self.folder / ("name-%s.json" % script)
        place.write_text(json.dumps(data), "utf-8")
        self.issue("page-%s-B-LTA" % script, "B-LTA", data=place, origin="template")

    def sealed_again(self):
        """One of each template with a second seal and a second archive time-stamp."""
        for name in ("issued", *("page-" + name for name in TEMPLATES)):
            subject = "again-" + name
            if self.ask("seal", subject, "main", "seal", self.path(name + "-B-LTA"), "--level", "B-LTA", "--out", self.path(subject)):
                self.add(subject, self.path(subject), "main", level="B-LTA", origin="template")

    def seal(self, subject, source, level, *words, world="main"):
        if self.ask("seal", subject, world, "seal", source, "--level", level, "--out", self.path(subject), *words):
            self.add(subject, self.path(subject), world, level=level, origin="foreign")

    def tamper(self, subject, original, change):
        if self.path(original).exists():
            before = self.path(original).read_bytes()
            after = change(before)
            assert len(after) == len(before) and sum(a != b for a, b in zip(after, before)) == 1
            self.path(subject).write_bytes(after)
            self.add(subject, self.path(subject), "main", level="tampered", origin="tampered")

    def make(self):
        """All of it. Afterwards `report` holds the count and `seconds` the time."""
        started = time.monotonic()
        (self.folder / "documents").mkdir(parents=True)
        for world in ("main", "revoked"):
            fonts = sorted({font for _, font in SCRIPTS.values() if font and Path(font).exists()})
            options = [word for font in fonts for word in ("--font", font)]
            self.worlds[world] = Testbed(self.binary, self.folder / world, self.folder / (world + ".log"), *options)
        self.documents_of_both_worlds()
        self.token()
        self.revocation()
        self.write()
        self.seconds = time.monotonic() - started

    def documents_of_both_worlds(self):
        sources = foreign.write(self.folder)
        # Of a seal whose status is told in a later second than its time-stamp, DSS asks no newer status: here both are of one second.
        self.ask("clock", "revoked", "revoked", "clock", "freeze")
        for level in LEVELS:
            self.issue("issued-" + level, level)
            self.seal("classic-" + level, sources["classic"], level)
            self.seal("revoked-" + level, sources["classic"], level, world="revoked")
        self.ask("clock", "revoked", "revoked", "clock", "reset")
        self.templates()
        self.scripts()
        self.sealed_again()
        for name in ("form", "updated", "xref-stream"):
            if name in sources:
                self.seal(name + "-B-LTA", sources[name], "B-LTA")
        self.seal("rsa-B-LTA", sources["classic"], "B-LTA", "--algorithm", "rsa")
        self.tamper("tampered-content", "classic-B-T", lambda pdf: pdf.replace(b"An invoice", b"An invoicf", 1))
        self.tamper("tampered-archive", "issued-B-LTA", change_header_comment)
        self.tamper("tampered-cms", "issued-B-B", change_signature_value)

    def revocation(self):
        """Revokes the certificate that sealed revoked-*, then seals with it once more. Times have whole seconds, hence the waits."""
        time.sleep(2)
        self.ask("revoke", "revoked", "revoked", "revoke", self.path("revoked-B-B"), "--reason", "keyCompromise")
        time.sleep(2)
        source = self.folder / "classic.pdf"
        for level in ("B-B", "B-T"):
            self.seal("late-" + level, source, level, world="revoked")
        self.ask("refuse", "late-B-LT", "revoked", "seal", source, "--level", "B-LT", "--out", self.path("late-B-LT"))

    def token(self):
        data = self.folder / "data.txt"
        data.write_text("Bytes that existed before their time-stamp.\n")
        (self.folder / "wrong-data.txt").write_text("Other bytes.\n")
        self.ask("timestamp", "token", "main", "timestamp", data, "--out", self.folder / "token.tsr")

    def write(self):
        worlds = {name: {"base": one.base, "data": str(one.data)} for name, one in self.worlds.items()}
        facts = {"worlds": worlds, "documents": self.documents}
        (self.folder / "material.json").write_text(json.dumps(facts, indent=1))

    def stop(self):
        for world, testbed in self.worlds.items():
            self.report.answer("stop", world, testbed.stop())
        self.report.finish()


def change_header_comment(pdf):
    """One bit of the comment in the second line: signed, and no reader looks at it."""
    at = pdf.index(b"\n%") + 2
    return pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1:]


def change_signature_value(pdf):
    """One bit of the last byte of the signature value inside the CMS."""
    seal = pdf_cms.seal(pdf)
    at = seal.hex_offset + 2 * (pdf_cms.signature_value(seal.cms)[1] - 1) + 1
    digit = b"%x" % (int(pdf[at:at + 1], 16) ^ 1)
    return pdf[:at] + (digit.upper() if pdf[seal.hex_offset:at].isupper() else digit) + pdf[at + 1:]


def find_binary(arguments):
    """`--eseal BINARY`, else ESEAL, else what cargo built last."""
    if "--eseal" in arguments:
        at = arguments.index("--eseal")
        arguments.pop(at)
        return str(Path(arguments.pop(at)).resolve())
    target = Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target"))
    built = [path for path in (target / "debug" / "eseal", target / "release" / "eseal") if path.exists()]
    return os.environ.get("ESEAL") or str(max(built, key=lambda path: path.stat().st_mtime, default="eseal"))


def main():
    arguments = sys.argv[1:]
    binary = find_binary(arguments)
    if len(arguments) != 1:
        sys.exit(__doc__)
    maker = Maker(binary, arguments[0])
    try:
        maker.make()
        print("ready: run a witness with `witnesses/run NAME --material %s`; Ctrl-C ends" % arguments[0], flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    finally:
        maker.stop()
    sys.exit(maker.report.close())


if __name__ == "__main__":
    main()
