#!/usr/bin/env python3
"""keytool's certification requests (`NEW CERTIFICATE REQUEST`): enrolled, and the answer imported over the key that asked."""

import json

from harness import fetch, hear, run

KEYS = {
    "RSA": ["-keyalg", "RSA", "-keysize", "2048"],
    "RSASSA-PSS": ["-keyalg", "RSASSA-PSS", "-keysize", "2048"],
    "EC": ["-keyalg", "EC", "-groupname", "secp256r1"],
}
SUBJECT = {"organization": "Example University", "organization_identifier": "NTRJP-9234567890123", "common_name": "Learning Platform"}


def enrolled(material, scratch, name, options):
    """What keytool says of the chain that it is given for its request."""
    store = ["-keystore", scratch / (name + ".p12"), "-storepass", "changeit", "-alias", "seal"]
    request, chain = scratch / (name + ".csr"), scratch / (name + ".pem")
    run("keytool", "-genkeypair", *store, *options, "-dname", "CN=x")
    run("keytool", "-certreq", *store, "-file", request)
    body = json.dumps({"profile": "seal", "subject": SUBJECT, "csr": request.read_text()}).encode()
    chain.write_text(json.loads(fetch(material.base() + "/ca/api/certificates", body, "application/json"))["chain_pem"])
    return run("keytool", "-importcert", *store, "-noprompt", "-file", chain).first("installed")


def questions(report, material):
    scratch = material.scratch("keytool")
    for name, options in KEYS.items():
        report.answer("enrol", name, enrolled(material, scratch, name, options))


if __name__ == "__main__":
    hear("keytool", questions)
