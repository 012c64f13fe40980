#!/usr/bin/env python3
"""Honest files that readers stumble over, judged by other programs too: the handed cases of which nothing is forged.

    honest.py FOLDER              compares what they say with docs/honest.md
    honest.py FOLDER --write      writes docs/honest.md
    honest.py FOLDER --words      prints every answer in the program's own words

FOLDER is scratch; `witnesses/run honest [--write]` does all of it. The files that have no seal are sealed first, by a world of this
run. All are judged offline, with nothing but the anchor that lies beside them. A difference that `honest.tsv` does not explain is a
failure, and so is an explanation that no difference needs.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

import agreement
import cases
import pdf_cms
from agreement_table import PARTS, WHOLE, cell, counts
from asn1crypto import cms
from harness import HERE, Report, run
from material import find_binary
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError

TABLE = HERE.parent / "docs" / "honest.md"
SEALED = ["00-control/control", "00-control/control-rsa", "02-second-signature/certified-P2-then-sealed",
          "04-format-failure-although-verifiable/ber-indefinite", "04-format-failure-although-verifiable/hybrid",
          "04-format-failure-although-verifiable/missing-endobj", "04-format-failure-although-verifiable/signing-time",
          "04-format-failure-although-verifiable/startxref-1", "04-format-failure-although-verifiable/xref-19-bytes",
          "04-format-failure-although-verifiable/signpdf-etsi-jspdf",
          "05-hash-failure-although-unchanged/no-signed-attributes", "05-hash-failure-although-unchanged/adbe-pkcs7-sha1",
          "06-rsa-pss-salt/salt-20", "06-rsa-pss-salt/salt-222", "07-other-algorithms/sha3-256-ecdsa",
          "07-other-algorithms/x509-rsa-sha1", "11-encrypted/p17-s22a-rc4-emptyuser", "23-acceptance-lost/mask-ok-revoked-later",
          "24-crl-partition/crl-shard-own", "28-forged-time-stamp/control"]
TO_SEAL = ["04-format-failure-although-verifiable/hybrid-to-seal", "10-dangling-reference/d1-acroform-dangling",
           "10-dangling-reference/d7-fields-array-has-null", "10-dangling-reference/s16d-annots-missing-object"]
HEAD = """# Honest files

Files as other signers write them, in which nothing is forged and that a reader may still stumble over: of the cases beside the
corpora those that are honest, judged by the testbed and by other programs at the same time, with the same anchor, and with no
other certificate or revocation data than they carry. "Sealed by us" are files without a seal that `eseal seal --level B-LT` sealed first.
This page is made by `witnesses/run honest --write`; `witnesses/run honest`, which is part of `./test witnesses`, fails if a program
says something else than is written here, or something else than the testbed without a reason. Programs, and what is compared:
[Agreement](agreement.md). Clauses are those of ETSI EN 319 102-1.
"""


class Question(agreement.Question):
    """One honest file, and what the testbed says of it."""

    def __init__(self, name, file, trust, at, report, scratch):
        self.case, self.label, self.name, self.file, self.at, self.forged = name, name.replace(" ", "-"), name, file, at, False
        self.trust, self.answers = [trust], {}
        self.certs, self.crls, self.ocsps = carried(file, scratch / "carried" / self.label.replace("/", "-"))
        self.judged(report)


def carried(file, folder):
    """What the file's own security store holds, as files: certificates in one, CRLs, OCSP answers. Some programs do not look for
    it in the sealed revision."""
    folder.mkdir(parents=True)
    try:
        store = DocumentSecurityStore.read_dss(PdfFileReader(file.open("rb"), strict=False))
        certificates = [one.dump() for one in store.load_certs()] + of_message(file)
        lists, answers = ([one.get_object().data for one in kind] for kind in (store.crls, store.ocsps))
    except (NoDSSFoundError, PdfError, ValueError):  # then no program is given anything
        return [], [], []
    for kind, parts in (("crl", lists), ("ocsp", answers)):
        for number, der in enumerate(parts):
            (folder / ("%d.%s" % (number, kind))).write_bytes(der)
    (folder / "certificates.pem").write_text("".join(agreement.pem("CERTIFICATE", der) for der in certificates))
    return [folder / "certificates.pem"] if certificates else [], sorted(folder.glob("*.crl")), sorted(folder.glob("*.ocsp"))


def of_message(file):
    """The certificates in the seal's message."""
    try:
        return [one.dump() for one in cms.ContentInfo.load(pdf_cms.seal(file.read_bytes()).cms)["content"]["certificates"]]
    except (StopIteration, ValueError, IndexError):
        return []


def verify(eseal, file, trust, at):
    said = run(eseal, "verify", "--json", "--offline", "--trust", trust, "--at", at, file)
    return json.loads(said.out) if said.out.startswith("{") else {"indication": "unreadable", "sub_indication": None, "signatures": []}


def questions(report, eseal, folder, scratch):
    """Every file at every time that it is to be judged at."""
    known = {case.name: case for case in cases.sealed(folder)}
    for case in (known[name] for name in SEALED):
        for at in case.times:
            name = case.name if len(case.times) == 1 else "%s, %s" % (case.name, at[:10])
            yield Question(name, case.path, case.trust, at, verify(eseal, case.path, case.trust, at), scratch)
    world = scratch / "world"
    trust = world / "worlds" / "default" / "trust" / "root.pem"
    run(eseal, "world", "new", "default", "--data", world)
    for name in TO_SEAL:
        sealed = scratch / (Path(name).name + ".pdf")
        done = run(eseal, "seal", "--level", "B-LT", "--data", world, "--out", sealed, folder / (name + ".pdf"))
        if sealed.exists():
            at = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
            yield Question(name + ", sealed by us", sealed, trust, at, verify(eseal, sealed, trust, at), scratch)
        else:
            report.fail("%s is not sealed: %s" % (name, " / ".join(done.lines())[-500:]))


def render(asked):
    notes, programs = [], WHOLE + PARTS
    lines = [HEAD, counts(asked, programs), "", "`=`: says the same. A number leads to the reason below. `–`: cannot be asked about this file.", "",
             "| file | testbed | %s |" % " | ".join(programs), "|---|---|" + "---|" * len(programs)]
    lines += ["| %s | %s | %s |" % (one.name, one.ours, " | ".join(cell(one, name, notes) for name in programs)) for one in asked]
    lines += ["", "## Reasons", ""] + ["%d. %s" % (number + 1, why) for number, why in enumerate(notes)]
    return "\n".join(lines) + "\n"


def judge(report, folder, write, words):
    found = cases.folder()
    if found is None:
        return cases.skip(report)
    scratch = Path(folder) / "scratch" / "honest"
    scratch.mkdir(parents=True, exist_ok=True)
    asked = list(questions(report, find_binary([]), found, scratch))
    with ThreadPoolExecutor(2) as pool:
        dss = pool.submit(agreement.ask_dss, asked, scratch)
        agreement.pyhanko_answers(asked)
        for one in asked:
            agreement.ask_pdfsig(one)
            agreement.ask_openssl(one, scratch)
        dss.result()
    agreement.explain(report, asked, "honest.tsv")
    if words:
        agreement.print_words(asked)
    agreement.compare(report, TABLE, render(asked), write)


if __name__ == "__main__":
    agreement.main_of("honest", judge, __doc__)
