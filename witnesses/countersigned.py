#!/usr/bin/env python3
"""pyHanko countersigns a certificate of each template, and everybody is asked about both signatures.

The second signature is pyHanko's own update of the file, with another key of the testbed's key server. pyHanko, pdfsig, EU DSS and the
testbed's verifier each say what they make of the seal that was there before, and of the signature that came after it.
"""

import asyncio
import io
import json
import logging
import re
from pathlib import Path

import aiohttp
from harness import DSS_JAR, JAVA, fetch, hear, run
from pdfsig import database
from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import KeyUsageConstraints, async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_csc import seal

KEY_USAGE = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)


async def by_pyhanko(pdf, material):
    """`intact True, valid True, trusted True, changes allowed` of each signature, in the order of the file."""
    certificates = {name: list(load_certs_from_pemder([str(material.trust(name))])) for name in ("root", "intermediates")}
    said = []
    for signature in PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures:
        context = ValidationContext(trust_roots=certificates["root"], other_certs=certificates["intermediates"],
                                    allow_fetching=True, revocation_mode="require")
        status = await async_validate_pdf_signature(signature, context, key_usage_settings=KEY_USAGE)
        changes = "allowed" if status.docmdp_ok else "NOT ALLOWED"
        said.append("intact %s, valid %s, trusted %s, changes %s" % (status.intact, status.valid, status.trusted, changes))
    return " / ".join(said)


def by_pdfsig(path, folder):
    """The words about each signature; of a document time-stamp pdfsig has none."""
    blocks = re.split(r"^Signature #\d+:", run("pdfsig", "-nssdir", "sql:%s" % folder, path).text, flags=re.MULTILINE)[1:]
    words = [" ".join(re.findall(r"- (?:Signature|Certificate) Validation: (.+)", block)) for block in blocks]
    return " / ".join(filter(None, words)) or "no signature"


def by_dss(path, material):
    outcome = run(*JAVA, "-jar", DSS_JAR, "--anchor", material.trust("root"), "--cert", material.trust("intermediates"), "--online", path)
    rows = [json.loads(line) for line in outcome.out.splitlines() if line.startswith("{")]
    rows = [row for row in rows if row["type"] == "signature"]
    words = ["%s%s" % (row["indication"], " with suspicious changes" if row["pdf"]["suspicious"] else "") for row in rows]
    return " / ".join(words) or outcome.text


def by_eseal(pdf, material):
    report = json.loads(fetch(material.base() + "/verifier/api/validations", pdf, "application/pdf"))
    seals = [one for one in report["signatures"] if one["kind"] == "seal"]
    # pyHanko writes the metadata anew; what they say is the same, and no reader is to be warned.
    changed = lambda one: any(later["what"] == "metadata" for later in one["later"])
    return " / ".join(one["indication"] + (" with other metadata" if changed(one) else "") for one in seals)


async def ask(report, material):
    client = json.loads((material.data() / "worlds" / "default" / "csc-client.json").read_text())
    folder, scratch = database(material, "main", "countersigned"), material.scratch("countersigned")
    documents = [one for one in material.of_world("main") if one["origin"] in ("issued", "template") and one["level"] == "B-LTA"]
    wanted = {"issued-B-LTA", *("page-%s-B-LTA" % name for name in ("training", "conformity", "invoice"))}
    async with aiohttp.ClientSession() as http:
        for document in documents:
            subject = document["subject"]
            if subject not in wanted:
                continue
            signed = (await seal(http, client, "seal-p384", Path(document["path"]).read_bytes())).getvalue()
            path = scratch / (subject + ".pdf")
            path.write_bytes(signed)
            report.answer("pyhanko", subject, await by_pyhanko(signed, material))
            report.answer("pdfsig", subject, by_pdfsig(path, folder))
            report.answer("dss", subject, by_dss(path, material))
            report.answer("eseal", subject, by_eseal(signed, material))


def questions(report, material):
    logging.disable(logging.CRITICAL)
    asyncio.run(ask(report, material))


if __name__ == "__main__":
    hear("countersigned", questions)
