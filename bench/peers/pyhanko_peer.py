"""pyHanko on the files of a folder: seals B-B and B-LTA, validates B-LTA. python pyhanko_peer.py FOLDER SECONDS

In: seal.p8, seal.pem, tsa.p8, tsa.pem (chains, end certificate first), root.pem, intermediates.pem, *.crl, blank.pdf,
sealed.pdf. Out: a line for each measure: name, operations, seconds, processor seconds. Nothing leaves the process: the
time-stamps are made here too, with a P-256 key that is read once, where pyHanko's own test stamper is for RSA and reads its
key each time.
"""
import asyncio
import io
import pathlib
import sys
import time

from asn1crypto import algos, cms, crl, keys, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner, fields
from pyhanko.sign.general import as_signing_certificate_v2, simple_cms_attribute
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.sign.validation import ades
from pyhanko.sign.validation.policy_decl import LocalKnowledge, PdfSignatureValidationSpec, SignatureValidationSpec
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy, FreshnessReqType
from pyhanko_certvalidator.registry import SimpleCertificateStore, SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer

FOLDER, SECONDS = pathlib.Path(sys.argv[1]), float(sys.argv[2])


def certificates(name):
    return list(load_certs_from_pemder([str(FOLDER / name)]))


def store(some):
    found = SimpleCertificateStore()
    found.register_multiple(some)
    return found


class Stamper(DummyTimeStamper):
    """Signs with ECDSA."""

    def __init__(self, certificate, chain, key):
        super().__init__(certificate, None, certs_to_embed=store(chain))
        self.key = key

    def _sign_tst_info(self, tst_info_data, md_algorithm, dt):
        digest = hashes.Hash(hashes.SHA256())
        digest.update(tst_info_data)
        attributes = cms.CMSAttributes([
            simple_cms_attribute("content_type", "tst_info"),
            simple_cms_attribute("signing_certificate_v2", as_signing_certificate_v2(self.tsa_cert)),
            simple_cms_attribute("message_digest", digest.finalize()),
        ])
        return self.key.sign(attributes.dump(), ECDSA(hashes.SHA256())), attributes

    def _build_signed_data(self, *arguments):
        data = super()._build_signed_data(*arguments)
        data["signer_infos"][0]["signature_algorithm"] = algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})
        return data


def measured(name, work):
    end = time.monotonic() + 1
    while time.monotonic() < end:
        work()
    operations, begin, processor = 0, time.monotonic(), time.process_time()
    while time.monotonic() - begin < SECONDS:
        work()
        operations += 1
    print(name, operations, time.monotonic() - begin, time.process_time() - processor, flush=True)


def sealing(level):
    chain, roots = certificates("seal.pem"), certificates("root.pem")
    key = keys.PrivateKeyInfo.load((FOLDER / "seal.p8").read_bytes())
    signer = SimpleSigner(signing_cert=chain[0], signing_key=key, cert_registry=store(chain[1:]))
    blank = (FOLDER / "blank.pdf").read_bytes()
    stamper, more = None, {}
    if level == "B-LTA":
        tsa = certificates("tsa.pem")
        stamping_key = serialization.load_der_private_key((FOLDER / "tsa.p8").read_bytes(), None)
        stamper = Stamper(tsa[0], tsa[1:], stamping_key)
        lists = [crl.CertificateList.load(file.read_bytes()) for file in FOLDER.glob("*.crl")]
        more = {"embed_validation_info": True, "use_pades_lta": True}

    def seal():
        if level == "B-LTA":
            more["validation_context"] = ValidationContext(
                trust_roots=roots, other_certs=chain[1:], crls=lists, allow_fetching=False, revocation_mode="require")
        settings = PdfSignatureMetadata(
            field_name="Seal", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, **more)
        out = io.BytesIO()
        pdf = IncrementalPdfFileWriter(io.BytesIO(blank))
        PdfSigner(settings, signer=signer, timestamper=stamper).sign_pdf(pdf, output=out)
        return out.getvalue()

    return seal


def validating():
    sealed = (FOLDER / "sealed.pdf").read_bytes()
    trust = SimpleTrustManager.build(trust_roots=certificates("root.pem"), extra_trust_roots=[])
    revocation = CertRevTrustPolicy(
        REQUIRE_REVINFO, freshness=None, freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION)
    policy = CertValidationPolicySpec(trust_manager=trust, revinfo_policy=revocation)
    lists = [CRLContainer(crl.CertificateList.load(file.read_bytes())) for file in FOLDER.glob("*.crl")]
    known = LocalKnowledge(known_certs=certificates("intermediates.pem"), known_crls=lists)
    spec = PdfSignatureValidationSpec(SignatureValidationSpec(cert_validation_policy=policy, local_knowledge=known))

    def validate():
        for signature in PdfFileReader(io.BytesIO(sealed)).embedded_regular_signatures:
            verdict = asyncio.run(ades.ades_lta_validation(signature, spec, timing_info=ValidationTimingInfo.now()))
            if verdict.ades_subindic.status.name != "PASSED":
                sys.exit(f"pyHanko does not pass the file: {verdict.ades_subindic}")

    return validate


measured("seal-bb", sealing("B-B"))
measured("seal-blta", sealing("B-LTA"))
measured("verify-blta", validating())
