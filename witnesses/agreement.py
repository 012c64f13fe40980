#!/usr/bin/env python3
"""The stories' files, judged by other programs too: at the same time, with the same anchors, certificates, CRLs and OCSP answers.

    agreement.py FOLDER              compares what they say with docs/agreement.md
    agreement.py FOLDER --write      writes docs/agreement.md
    agreement.py FOLDER --words      prints every answer in the program's own words

FOLDER is scratch; `witnesses/run agreement [--write]` does all of it. A difference that `agreement.tsv` does not explain is
a failure, and so is an explanation that no difference needs.
"""

import asyncio
import base64
import json
import logging
import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pdf_cms
import pyhanko_library
import time_machine
from agreement_table import render
from harness import DSS_JAR, HERE, JAVA, Report, fits, openssl_reasons, run
from material import find_binary
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import SuspiciousModification
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo

TABLE = HERE.parent / "docs" / "agreement.md"
NO_SIGNATURE = "NO_SIGNATURE_FOUND"
CHANGED = ", with suspicious changes"


class Question:
    """One verification of one story: what was judged, by what, and what the testbed said."""

    def __init__(self, folder, manifest, verification):
        self.case, self.number, self.title = manifest["case"], manifest["number"], manifest["title"]["en"]
        self.at, self.forged = verification["at"], verification["forged"]
        self.file = folder / verification["file"]
        self.name, self.label = re.sub(r"-[0-9a-f]{12}\.pdf$", "", verification["file"]), "%02d" % self.number
        self.trust, self.certs, self.crls, self.ocsps = (
            [folder / name for name in verification[kind]] for kind in ("trust", "certs", "crls", "ocsps"))
        self.answers = {}
        self.judged(verification["report"])

    def judged(self, report):
        """What the testbed says."""
        self.ours = joined(report["indication"], report["sub_indication"])
        self.seal = next((one for one in report["signatures"] if one["kind"] == "seal"), None)

    def stamped(self, kind):
        return any(stamp["kind"] == kind for stamp in self.seal["timestamps"]) if self.seal else False

    def check(self, name):
        """The outcomes of our checks of that name on the seal's own certificates."""
        return [one["outcome"] for one in (self.seal or {"checks": []})["checks"]
                if one["id"] == name and "time-stamp of" not in (one["detail"] or "")]

    def answer(self, program, said, same):
        """What a program said, in words of this table, and whether that is what the testbed says."""
        self.answers[program] = {"said": said, "same": same}


def joined(indication, sub_indication=None):
    return "/".join(filter(None, [indication.replace("_", "-") if indication != NO_SIGNATURE else indication, sub_indication]))


def questions(folder):
    """Every verification of every story, in the order of their numbers."""
    for path in sorted(Path(folder).glob("*/manifest.json")):
        manifest = json.loads(path.read_text())
        yield from (Question(path.parent, manifest, one) for one in manifest["verifications"])


# EU DSS: the conclusion of its archival process, with its own policy. One virtual machine judges all.

def ask_dss(asked, scratch):
    runs = scratch / "runs.tsv"
    runs.write_text("".join("\t".join(dss_options(one)) + "\n" for one in asked))
    lines = run(*JAVA, "-jar", DSS_JAR, "--runs", runs).out.splitlines()
    answers, mine = [], []
    for row in map(json.loads, lines):
        mine.append(row)
        if row["type"] == "file":  # the last row of each run
            answers.append(mine)
            mine = []
    if len(answers) != len(asked):
        raise RuntimeError("EU DSS answered %d of %d questions" % (len(answers), len(asked)))
    for one, rows in zip(asked, answers):
        seal = next((row for row in rows if row["type"] == "signature"), None)
        said = joined(seal["indication"], seal["sub_indication"]) if seal else NO_SIGNATURE
        same = said == one.ours
        if same and seal and one.seal and one.seal["best_signature_time"] not in (None, seal["best_signature_time"]):
            said, same = "%s, best signature time %s" % (said, seal["best_signature_time"]), False
        one.answer("EU DSS", said, same)


def dss_options(one):
    words = ["--time", one.at]
    for option, paths in ("--anchor", one.trust), ("--cert", one.certs), ("--crl", one.crls), ("--ocsp", one.ocsps):
        words += [word for path in paths for word in (option, str(path))]
    return words + [str(one.file)]


# pyHanko: the process that suits the file. Its archival process wants a document time-stamp, the one with time a time-stamp.

async def ask_pyhanko(one):
    process = "long-term" if one.stamped("document") else "with-time" if one.stamped("signature") else "basic"
    when = datetime.fromisoformat(one.at.replace("Z", "+00:00"))
    rules = pyhanko_library.policy(one.trust[0])
    known = pyhanko_library.at_hand(one.certs, one.crls, one.ocsps)
    try:
        reader = PdfFileReader(one.file.open("rb"))
        if not reader.embedded_regular_signatures:
            return NO_SIGNATURE
        reader.embedded_regular_signatures[0].compute_integrity_info()
        changes = reader.embedded_regular_signatures[0].diff_result
        with time_machine.travel(when):  # its past validation begins at the system's time
            results = pyhanko_library.processes(one.file, rules, known, ValidationTimingInfo(when, when, True))
            words = {name: pyhanko_library.words(result) async for name, result in results}[process]
    except (ValueError, PdfError) as error:  # it has no conclusion on what it cannot read
        return "unreadable (%s)" % type(error).__name__
    words = re.sub(r"^PASSED(/OK)?$", "TOTAL-PASSED", re.sub("^FAILED", "TOTAL-FAILED", words))
    return words + (CHANGED if isinstance(changes, SuspiciousModification) else "")


def pyhanko_answers(asked):
    logging.disable(logging.CRITICAL)  # tracebacks of failed path building; the sub-indication says it
    for one in asked:
        said = asyncio.run(ask_pyhanko(one))
        refused = said.startswith("unreadable") or said.endswith(CHANGED)
        one.answer("pyHanko", said, said == one.ours or refused and one.ours.endswith("FORMAT_FAILURE"))


# poppler and OpenSSL: whether the signature holds. They judge neither structure nor time-stamps.

def ask_pdfsig(one):
    text = run("pdfsig", "-nocert", one.file).text
    blocks = [block for block in re.split(r"^Signature #\d+:", text, flags=re.MULTILINE)[1:] if "ETSI.RFC3161" not in block]
    found = re.search(r"- Signature Validation: (.+)", blocks[0]) if blocks else None
    said = found.group(1) if found else NO_SIGNATURE if "does not contain any signatures" in text or not blocks else text
    one.answer("pdfsig", said, (said == "Signature is Valid.") == holds(one))


def ask_openssl(one, scratch):
    try:
        seal = pdf_cms.seal(one.file.read_bytes())
    except (StopIteration, ValueError, IndexError):
        return one.answer("openssl cms", "no CMS at the byte range", not holds(one))
    folder = Path(tempfile.mkdtemp(dir=scratch))
    cms, signed, signer = folder / "seal.der", folder / "seal.signed", folder / "signer.pem"
    cms.write_bytes(seal.cms)
    signed.write_bytes(seal.signed)
    known = ["-certfile", one.certs[0]] if one.certs else []
    outcome = run("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", cms, "-content", signed, "-CAfile", one.trust[0],
                  *known, "-purpose", "any", "-no_check_time", "-signer", signer, "-out", "/dev/null")
    successful = outcome.code == 0 and "CMS Verification successful" in outcome.text
    said = "successful" if successful else ": ".join(openssl_reasons(outcome.text)) or outcome.first("Error")
    one.answer("openssl cms", said, successful == holds(one))
    if successful and one.crls and signer.exists():
        ask_openssl_path(one, folder, signer)


def holds(one):
    """What we say of the signature alone."""
    facts = one.seal["facts"] if one.seal else {}
    return bool(facts.get("hash_intact") and facts.get("signature_intact"))


def ask_openssl_path(one, folder, signer):
    """The certificate path at the validation time, with the CRLs that are at hand. OCSP and time-stamps are not asked."""
    lists = folder / "crls.pem"
    lists.write_text("".join(pem("X509 CRL", path.read_bytes()) for path in one.crls))
    moment = int(datetime.fromisoformat(one.at.replace("Z", "+00:00")).timestamp())
    outcome = run("openssl", "verify", "-x509_strict", "-attime", moment, "-crl_check_all", "-CRLfile", lists, "-CAfile", one.trust[0],
                  *(["-untrusted", one.certs[0]] if one.certs else []), signer)
    error = re.search(r"^error \d+ at \d+ depth lookup: ?(.+)$", outcome.text, re.MULTILINE)
    said = "OK" if outcome.code == 0 else error.group(1).strip() if error else outcome.first("rror")
    if "unable to get certificate CRL" in said:  # our evidence was not all CRLs
        return
    one.answer("openssl verify", said, said == path_words(one))


def path_words(one):
    """What we say of the seal's certificate path at the validation time, in OpenSSL's words."""
    if "failed" in one.check("not-revoked"):
        return "certificate revoked"
    if "failed" in one.check("valid-now"):
        return "certificate has expired"
    return "CRL has expired" if "failed" in one.check("revocation-data-fresh") else "OK"


def pem(label, der):
    return "-----BEGIN %s-----\n%s-----END %s-----\n" % (label, base64.encodebytes(der).decode(), label)


# The table.

def explanations(file):
    """Rows of such a file as agreement.tsv: programs, cases, what they say, and why it is not what we say."""
    for line in (HERE / file).read_text().splitlines():
        if line and not line.startswith("#"):
            programs, cases, said, why = line.split("\t")
            yield {"programs": programs.split("|"), "cases": cases.split(" "), "said": said, "why": why, "used": 0}


def explain(report, asked, file):
    rows = list(explanations(file))
    for one in asked:
        for program, answer in one.answers.items():
            if answer["same"]:
                report.passed += 1
                continue
            row = next((row for row in rows if any(fits(name, program) for name in row["programs"])
                        and any(fits(case, one.label) for case in row["cases"]) and fits(row["said"], answer["said"])), None)
            if row is None:
                report.fail("%s: %s says %s, we say %s" % (one.case, program, answer["said"], one.ours))
                continue
            row["used"] += 1
            answer["why"] = row["why"]
            report.passed += 1
    for row in rows:
        if not row["used"]:
            report.fail("no difference needs the explanation: %s, %s: %s" % (row["programs"], row["cases"], row["why"]))


def compare(report, table, text, write):
    if write:
        table.write_text(text)
        print("wrote %s" % table)
    elif table.exists() and table.read_text() == text:
        report.passed += 1
    else:
        report.fail("docs/%s is not what the programs say now: witnesses/run %s --write" % (table.name, report.witness))


def print_words(asked):
    for one in asked:
        print("%s %s: %s | %s" % (one.case, one.name, one.ours, " | ".join(
            "%s: %s%s" % (program, answer["said"], "" if answer["same"] else " <") for program, answer in one.answers.items())))


def judge(report, folder, write, words):
    scratch = Path(folder) / "scratch" / "agreement"
    stories = scratch / "stories"
    scratch.mkdir(parents=True, exist_ok=True)
    played = run(find_binary([]), "scenario", "run", "--all", "--keep", stories)
    if played.code != 0:
        return report.fail("the stories could not be played: " + played.text[-2000:])
    asked = list(questions(stories))
    with ThreadPoolExecutor(2) as pool:
        dss = pool.submit(ask_dss, asked, scratch)
        pyhanko_answers(asked)
        for one in asked:
            ask_pdfsig(one)
            ask_openssl(one, scratch)
        dss.result()
    explain(report, asked, "agreement.tsv")
    if words:
        print_words(asked)
    compare(report, TABLE, render(asked), write)


def main_of(name, judge, usage):
    folder, *options = sys.argv[1:] or sys.exit(usage)
    report = Report(name)
    try:
        judge(report, folder, "--write" in options, "--words" in options)
    except Exception as error:
        report.fail("broke off: %s: %s" % (type(error).__name__, error))
        raise
    finally:
        code = report.close()
    sys.exit(code)


if __name__ == "__main__":
    main_of("agreement", judge, __doc__)
