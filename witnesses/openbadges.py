#!/usr/bin/env python3
"""openbadgeslib on the badge attached to an issued certificate: an Open Badges 3.0 credential as VC-JWT.

The public key is fetched as a JWK from the address in the JWT's own header (`kid`), as a stranger would do it; and again after the
key of badges was renewed.
"""

import json
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from harness import HERE, fetch, hear, run
from jwt import PyJWK, get_unverified_header
from material import Testbed, find_binary
from openbadgeslib.ob3 import OB3Verifier


def tokens(document, folder):
    """The compact JWTs among the files attached to a PDF."""
    run("pdfdetach", "-saveall", "-o", folder, document)
    texts = [path.read_bytes().decode("utf-8", "replace").strip() for path in sorted(folder.iterdir())]
    return [text for text in texts if text.count(".") == 2 and text.startswith("eyJ")]


def key(token):
    jwk = json.loads(fetch(get_unverified_header(token)["kid"]))
    return PyJWK(jwk).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def judge(pem, token):
    try:
        badge = OB3Verifier(pem).verify(token)
        return "verified: %s" % type(badge).__name__
    except Exception as error:
        return "%s: %s" % (type(error).__name__, error)


def tampered(token):
    """Another character in the middle of the payload."""
    head, payload, signature = token.split(".")
    at = len(payload) // 2
    return ".".join([head, payload[:at] + ("A" if payload[at] != "A" else "B") + payload[at + 1:], signature])


def questions(report, material):
    for document in material.documents:
        if document["origin"] == "issued" or document["subject"] in ("page-training-B-LTA", "page-conformity-B-LTA", "page-invoice-B-LTA"):
            folder = material.scratch("openbadges") / document["subject"]
            folder.mkdir()
            found = tokens(Path(document["path"]), folder)
            if len(found) != 1:
                report.answer("badge", document["subject"], "%d badges" % len(found))
                continue
            pem = key(found[0])
            report.answer("badge", document["subject"], judge(pem, found[0]))
            report.answer("badge", "tampered-" + document["subject"], judge(pem, tampered(found[0])))
    after_renewal(report)


def after_renewal(report):
    with tempfile.TemporaryDirectory(prefix="eseal-badges-") as folder:
        testbed = Testbed(find_binary([]), Path(folder) / "data", Path(folder) / "log")
        try:
            earlier = next((Path(folder) / "data" / "documents").glob("*.pdf"))
            for words in (("renew", "badge-rsa2048"), ("issue", HERE.parent / "examples" / "certificate.json", "--out", Path(folder) / "out")):
                report.answer("renew", words[0], "exit code %d" % testbed.command(*words).code)
            tokens_of = {}
            for name, document in (("earlier", earlier), ("later", next((Path(folder) / "out").glob("*.pdf")))):
                files = Path(folder) / name
                files.mkdir()
                tokens_of[name] = tokens(document, files)[0]
                report.answer("renew", "badge-" + name, judge(key(tokens_of[name]), tokens_of[name]))
            report.answer("renew", "with-the-other-key", judge(key(tokens_of["later"]), tokens_of["earlier"]))
            report.answer("stop", "testbed", testbed.stop())
        finally:
            testbed.process.kill()


if __name__ == "__main__":
    hear("openbadges", questions)
