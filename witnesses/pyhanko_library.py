#!/usr/bin/env python3
"""pyHanko's library: the sub-indication of each of the three validation processes of ETSI EN 319 102-1.

basic (clause 5.3), with time (5.5) and long-term availability (5.6). Revocation data that a document does not carry is
fetched from the testbed. The basic process and the one with time are given what the document's security store holds.
"""

import asyncio
import logging
from pathlib import Path

from harness import hear
from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import ades
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.policy_decl import LocalKnowledge, PdfSignatureValidationSpec, SignatureValidationSpec
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy, FreshnessReqType
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer
from asn1crypto import crl, ocsp


def certificates(path):
    return list(load_certs_from_pemder([str(path)]))


def policy(roots):
    """Trusts these roots and wants revocation data for every certificate."""
    return CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=certificates(roots), extra_trust_roots=[]),
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO, freshness=None,
                                          freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION))


def at_hand(certs=(), crls=(), ocsps=()):
    """What a verifier has besides the document: paths of PEM and DER files."""
    answers = [ocsp.OCSPResponse.load(Path(path).read_bytes()) for path in ocsps]
    lists = [crl.CertificateList.load(Path(path).read_bytes()) for path in crls]
    return LocalKnowledge(known_certs=[one for path in certs for one in certificates(path)],
                          known_crls=[CRLContainer(one) for one in lists],
                          known_ocsps=[one for answer in answers for one in OCSPContainer.load_multi(answer)])


def with_store(reader, known):
    """What is at hand, and what the document's security store holds."""
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return known
    answers = [ocsp.OCSPResponse.load(reference.get_object().data) for reference in store.ocsps]
    lists = [crl.CertificateList.load(reference.get_object().data) for reference in store.crls]
    return LocalKnowledge(known_certs=known.known_certs + list(store.load_certs()),
                          known_crls=known.known_crls + [CRLContainer(one) for one in lists],
                          known_ocsps=known.known_ocsps + [one for answer in answers for one in OCSPContainer.load_multi(answer)])


async def processes(path, rules, known, when):
    """Yields (process, its result) for the seal of one document."""
    with open(path, "rb") as file:
        reader = PdfFileReader(file)
        seal = reader.embedded_regular_signatures[0]
        seal.compute_integrity_info()
        local = SignatureValidationSpec(cert_validation_policy=rules, local_knowledge=with_store(reader, known))
        signed = {"signed_data": seal.signed_data, "raw_digest": seal.compute_digest()}
        yield "basic", await ades.ades_basic_validation(validation_spec=local, timing_info=when, **signed)
        yield "with-time", await ades.ades_with_time_validation(validation_spec=local, timing_info=when, **signed)
        outer = SignatureValidationSpec(cert_validation_policy=rules, local_knowledge=known)
        yield "long-term", await ades.ades_lta_validation(seal, PdfSignatureValidationSpec(outer), timing_info=when)


def words(result):
    """`STATUS` or `STATUS/SUB_INDICATION`."""
    indication = result.ades_subindic
    return indication.status.name if indication.standard_name in (None, indication.status.name) else \
        "%s/%s" % (indication.status.name, indication.standard_name)


async def ask(report, material):
    for world in material.worlds:
        rules, known = policy(material.trust("root", world)), at_hand(certs=[material.trust("intermediates", world)])
        for document in material.of_world(world):
            async for process, result in processes(document["path"], rules, known, ValidationTimingInfo.now()):
                report.answer(process, document["subject"], words(result))


def questions(report, material):
    logging.disable(logging.CRITICAL)  # tracebacks of failed path building; the sub-indication says it
    asyncio.run(ask(report, material))


if __name__ == "__main__":
    hear("pyhanko-library", questions)
