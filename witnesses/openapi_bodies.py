"""What schemathesis sends where a body is no JSON, and who it is: read by schemathesis itself (`SCHEMATHESIS_HOOKS`).

An OpenAPI schema says of octets only that they are octets. So a third of these bodies are real ones (a PDF of the world, a
TimeStampReq, an OCSPRequest about its seal certificate), and the others the same, cut short, and anything.
"""

import hashlib
import os
from pathlib import Path

import schemathesis
from asn1crypto import tsp
from cryptography import x509
from cryptography.x509 import ocsp
from cryptography.hazmat.primitives import hashes, serialization
from hypothesis import strategies

FOLDER = Path(os.environ["OPENAPI_WITNESS_DATA"])
TRUST = FOLDER / "worlds" / "default" / "trust"


def time_stamp_request():
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": hashlib.sha256(b"anything").digest()}
    return tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "nonce": 7, "cert_req": True}).dump()


def status_request():
    seal = x509.load_pem_x509_certificate((TRUST / "seal.pem").read_bytes())
    authorities = x509.load_pem_x509_certificates((TRUST / "all.pem").read_bytes())
    issuer = next(authority for authority in authorities if authority.subject == seal.issuer)
    request = ocsp.OCSPRequestBuilder().add_certificate(seal, issuer, hashes.SHA1()).build()
    return request.public_bytes(serialization.Encoding.DER)


def bodies(real):
    return strategies.one_of(strategies.just(real), strategies.just(real[:-1]), strategies.binary(max_size=100))


for media_type, real in (
    ("application/pdf", next((FOLDER / "documents").glob("*.pdf")).read_bytes()),
    ("application/timestamp-query", time_stamp_request()),
    ("application/ocsp-request", status_request()),
):
    schemathesis.openapi.media_type(media_type, bodies(real))
