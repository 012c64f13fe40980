"""What schemathesis sends where a description cannot say what it takes: read by schemathesis itself (`SCHEMATHESIS_HOOKS`).

An OpenAPI schema says of octets only that they are octets. So a third of these bodies are real ones (a PDF of the world, a
TimeStampReq, an OCSPRequest about its seal certificate), and the others the same, cut short, and anything.
"""

import hashlib
import json
import os
import urllib.error
import urllib.request
from pathlib import Path

import schemathesis
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from hypothesis import strategies


def folder():
    return Path(os.environ["OPENAPI_WITNESS_FOLDER"])


def world():
    return folder() / "data" / "worlds" / "default"


def client():
    """The key server's client: its name and secret, and the addresses that it is given."""
    return json.loads((world() / "csc-client.json").read_text())


def seal_certificate():
    return x509.load_pem_x509_certificate((world() / "trust" / "seal.pem").read_bytes())


def seal_key():
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return seal_certificate().public_key().public_bytes(encoding, form).decode()


def time_stamp_request():
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": hashlib.sha256(b"anything").digest()}
    return tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "nonce": 7, "cert_req": True}).dump()


def status_request():
    seal = seal_certificate()
    authorities = x509.load_pem_x509_certificates((world() / "trust" / "all.pem").read_bytes())
    issuer = next(authority for authority in authorities if authority.subject == seal.issuer)
    request = ocsp.OCSPRequestBuilder().add_certificate(seal, issuer, hashes.SHA1()).build()
    return request.public_bytes(serialization.Encoding.DER)


def bodies(make):
    """Made when the first is wanted: by then there is a world."""
    real = strategies.deferred(lambda: strategies.just(make()))
    return strategies.one_of(real, real.map(lambda body: body[:-1]), strategies.binary(max_size=100))


schemathesis.openapi.media_type("application/pdf", bodies(lambda: next((folder() / "data" / "documents").glob("*.pdf")).read_bytes()))
schemathesis.openapi.media_type("application/timestamp-query", bodies(time_stamp_request))
schemathesis.openapi.media_type("application/ocsp-request", bodies(status_request))


@schemathesis.hook
def before_call(_context, case, _options):
    """No description has a key, or signature activation data, which is good for once: what goes by the examples else gets its own."""
    body = case.body
    if case.operation.path == "/ca/api/certificates" and is_about_the_example(body):
        body.pop("csr", None)
        body["public_key_pem"] = seal_key()
    if isinstance(body, dict) and isinstance(body.get("SAD"), str) and body.get("credentialID") == "seal-p256" and body.get("hashes"):
        body["SAD"] = authorized(body["credentialID"], body["hashes"]) or body["SAD"]


def is_about_the_example(body):
    """An enrolment of the example's subject, whose key is of the right type."""
    subject = body.get("subject") if isinstance(body, dict) else None
    is_text = all(body.get(name) is None or isinstance(body[name], str) for name in ("csr", "public_key_pem")) if subject else False
    return is_text and isinstance(subject, dict) and subject.get("common_name") == "Learning Platform Seal"


def authorized(credential, digests):
    """Signature activation data for these hashes; none if they are no hashes."""
    body = json.dumps({"credentialID": credential, "numSignatures": 1, "hashes": digests}).encode()
    headers = {"Authorization": "Bearer " + (folder() / "token").read_text(), "Content-Type": "application/json"}
    request = urllib.request.Request(client()["base_url"] + "/credentials/authorize", body, headers)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as response:
            return json.load(response)["SAD"]
    except urllib.error.HTTPError:
        return None


@schemathesis.hook
def after_call(_context, case, response):
    """Which operations were answered how, for the witness."""
    with (folder() / "answers").open("a") as answers:
        answers.write("%s %s %d\n" % (case.operation.method.upper(), case.operation.path, response.status_code))
