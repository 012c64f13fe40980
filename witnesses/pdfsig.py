#!/usr/bin/env python3
"""poppler's pdfsig with an NSS database that trusts the world's root. NSS asks OCSP by GET; CRLs are not fetched.

pdfsig exits with 0 for a digest mismatch and for untrusted chains too: only its words count. It does not judge
document time-stamps ("not yet been verified"), so the words of the first seal are taken.
"""

import re

from harness import hear, run


def database(material, world, name="pdfsig"):
    folder = material.scratch(name) / world
    folder.mkdir()
    run("certutil", "-N", "-d", "sql:%s" % folder, "--empty-password")
    pems = re.findall(r"-----BEGIN.+?-----END CERTIFICATE-----\n", material.trust("intermediates", world).read_text(), re.DOTALL)
    run("certutil", "-A", "-d", "sql:%s" % folder, "-n", "root", "-t", "CT,C,C", "-a", "-i", material.trust("root", world))
    for number, pem in enumerate(pems):
        run("certutil", "-A", "-d", "sql:%s" % folder, "-n", "intermediate-%d" % number, "-t", ",,", "-a", input=pem.encode())
    return folder


def seal_words(outcome):
    """`Signature is Valid. Certificate is Trusted.` of the first signature that is no document time-stamp."""
    for block in re.split(r"^Signature #\d+:", outcome.text, flags=re.MULTILINE)[1:]:
        if "ETSI.RFC3161" not in block:
            return " ".join(re.findall(r"- (?:Signature|Certificate) Validation: (.+)", block))
    return outcome.first("no seal")


def questions(report, material):
    databases = {world: database(material, world) for world in material.worlds}
    for document in material.documents:
        outcome = run("pdfsig", "-nssdir", "sql:%s" % databases[document["world"]], document["path"])
        report.answer("seal", document["subject"], seal_words(outcome))


if __name__ == "__main__":
    hear("pdfsig", questions)
