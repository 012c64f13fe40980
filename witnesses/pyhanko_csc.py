#!/usr/bin/env python3
"""pyHanko as a client of the key server (CSC API v2): seals a PDF with the testbed's key, then validates what came out.

The address and the client's secret stand in worlds/default/csc-client.json of the testbed's folder.
"""

import asyncio
import base64
import io
import json
import logging

import aiohttp
from harness import hear
from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, async_sign_pdf
from pyhanko.sign.signers.csc_signer import (CSCAuthorizationManager, CSCServiceSessionInfo, CSCSigner,
                                             fetch_certs_in_csc_credential)
from pyhanko.sign.validation import KeyUsageConstraints, async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext


class Authorization(CSCAuthorizationManager):
    """Authorizes each batch of hashes with `credentials/authorize`; no PIN, no one-time password."""

    def __init__(self, http, **rest):
        super().__init__(**rest)
        self.http = http

    async def authorize_signature(self, hash_b64s):
        address = self.csc_session_info.endpoint_url("credentials/authorize")
        body = self.format_csc_auth_request(hash_b64s=hash_b64s, pin=None)
        async with self.http.post(address, headers=self.auth_headers, json=body, raise_for_status=True) as response:
            return self.parse_csc_auth_response(await response.json())


async def access_token(http, client):
    """OAuth 2.0 client credentials."""
    basic = base64.b64encode(("%s:%s" % (client["client_id"], client["client_secret"])).encode()).decode()
    async with http.post(client["token_url"], data={"grant_type": "client_credentials"},
                         headers={"Authorization": "Basic " + basic}, raise_for_status=True) as response:
        return (await response.json())["access_token"]


async def seal(http, client, credential, pdf):
    """With the digest that suits the key: SHA-384 for P-384, else SHA-256."""
    session = CSCServiceSessionInfo(client["base_url"].rsplit("/csc/v2", 1)[0], credential, api_ver="v2",
                                    oauth_token=await access_token(http, client))
    information = await fetch_certs_in_csc_credential(http, session)
    signer = CSCSigner(http, Authorization(http, csc_session_info=session, credential_info=information), prefer_pss=False)
    rules = PdfSignatureMetadata(field_name="ByKeyServer", md_algorithm="sha384" if "384" in credential else "sha256",
                                 subfilter=SigSeedSubFilter.PADES)
    return await async_sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), rules, signer=signer)


async def judge(sealed, material):
    certificates = {name: list(load_certs_from_pemder([str(material.trust(name))])) for name in ("root", "intermediates")}
    context = ValidationContext(trust_roots=certificates["root"], other_certs=certificates["intermediates"],
                                allow_fetching=True, revocation_mode="require")
    status = await async_validate_pdf_signature(
        PdfFileReader(sealed).embedded_signatures[0], context,
        key_usage_settings=KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False))
    return "intact %s, valid %s, trusted %s" % (status.intact, status.valid, status.trusted)


async def ask(report, material):
    client = json.loads((material.data() / "worlds" / "default" / "csc-client.json").read_text())
    pdf = (material.folder / "classic.pdf").read_bytes()
    async with aiohttp.ClientSession() as http:
        credentials = {name for kind, name in client["credential_ids"].items() if kind != "badge"}
        for credential in sorted(credentials):
            report.answer("seal", credential, await judge(await seal(http, client, credential, pdf), material))


def questions(report, material):
    logging.disable(logging.CRITICAL)
    asyncio.run(ask(report, material))


if __name__ == "__main__":
    hear("pyhanko-csc", questions)
