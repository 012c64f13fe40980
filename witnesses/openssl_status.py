#!/usr/bin/env python3
"""OpenSSL on certificates: paths, CRLs and OCSP, each fetched from the address that stands in the certificate."""

import base64
import re
import urllib.parse
from pathlib import Path

import pdf_cms
from harness import fetch, hear, run


def certificates(path):
    return re.findall(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n?", path.read_text(), re.DOTALL)


class Subject:
    """One certificate as a PEM file, with its issuer's PEM file and the addresses that it names."""

    def __init__(self, material, world, name, pem, scratch):
        self.material, self.world, self.name, self.scratch = material, world, name, scratch
        self.file = scratch / (name + ".pem")
        self.file.write_text(pem)
        self.issuer = scratch / (name + ".issuer.pem")
        wanted = self.x509("-issuer_hash")
        self.issuer.write_text(next(one for one in certificates(material.trust("all", world)) if subject_hash(one) == wanted))

    def x509(self, *options):
        return run("openssl", "x509", "-in", self.file, "-noout", *options).out.strip()

    def addresses(self, extension):
        """{"OCSP": […], "CA Issuers": […]} or {"": […]}: the http addresses of an extension."""
        found = {}
        for kind, url in re.findall(r"(OCSP|CA Issuers)?(?: - )?URI:(\S+)", self.x509("-ext", extension)):
            found.setdefault(kind, []).append(url)
        return found

    def ocsp_address(self):
        return self.addresses("authorityInfoAccess")["OCSP"][0]

    def crl(self):
        """The CRL as a PEM text, fetched as DER."""
        der = self.scratch / (self.name + ".crl")
        der.write_bytes(fetch(self.addresses("crlDistributionPoints")[""][0]))
        return run("openssl", "crl", "-inform", "DER", "-in", der).out


def subject_hash(pem):
    return run("openssl", "x509", "-noout", "-subject_hash", input=pem.encode()).out.strip()


def subjects(material, scratch):
    """End certificates and intermediates of the main world, and the certificate that sealed in the revoked world."""
    found = []
    for kind in ("seal", "tsa", "intermediates"):
        pems = certificates(material.trust(kind))
        found += [Subject(material, "main", "%s-%d" % (kind, number), pem, scratch) for number, pem in enumerate(pems, 1)]
    return found + [Subject(material, "revoked", "revoked-seal", revoked_certificate(material, scratch), scratch)]


def revoked_certificate(material, scratch):
    """The seal certificate among those in the CMS of the revoked world's first document."""
    cms = scratch / "revoked.cms"
    cms.write_bytes(pdf_cms.seal(Path(material.of_world("revoked")[0]["path"]).read_bytes()).cms)
    inside = run("openssl", "pkcs7", "-inform", "DER", "-in", cms, "-print_certs").out
    return next(pem for pem in certificates(material.trust("seal", "revoked")) if pem.strip() in inside)


def statement(outcome):
    """OpenSSL's words on an OCSP answer without file names and dates, any warning included."""
    lines = [re.sub(r"^\S+\.pem: |^0x\w+: ", "", line) for line in outcome.lines()]
    return " / ".join(line for line in lines if not re.match(r"(This Update|Next Update|Revocation Time):", line))


def ocsp(report, one):
    trusted = one.material.trust("all", one.world)
    common = ["openssl", "ocsp", "-issuer", one.issuer, "-CAfile", trusted, "-url", one.ocsp_address()]
    report.answer("ocsp-post", one.name, statement(run(*common, "-cert", one.file)))
    request, response = one.scratch / (one.name + ".ocsp-request"), one.scratch / (one.name + ".ocsp-response")
    run("openssl", "ocsp", "-issuer", one.issuer, "-cert", one.file, "-no_nonce", "-reqout", request)
    encoded = urllib.parse.quote(base64.b64encode(request.read_bytes()).decode(), safe="")
    response.write_bytes(fetch(one.ocsp_address() + "/" + encoded))
    report.answer("ocsp-get", one.name, statement(run(
        "openssl", "ocsp", "-issuer", one.issuer, "-cert", one.file, "-CAfile", trusted, "-respin", response,
        "-no_nonce", "-validity_period", "5", "-status_age", "172800")))
    if one.name == "seal-1":
        report.answer("ocsp-post", "never-issued", statement(run(*common, "-serial", "0x0123456789abcdef0123456789abcdef")))


def crl_and_path(report, one):
    crls = one.crl()
    file = one.scratch / (one.name + ".crl.pem")
    file.write_text(crls)
    report.answer("crl-signature", one.name, run("openssl", "crl", "-in", file, "-CAfile", one.issuer, "-noout", "-verify").first("verify"))
    issuer = Subject(one.material, one.world, one.name + "-issuer", one.issuer.read_text(), one.scratch)
    if issuer.x509("-subject_hash") != issuer.x509("-issuer_hash"):
        file.write_text(crls + issuer.crl())
    outcome = run("openssl", "verify", "-x509_strict", "-crl_check_all", "-CRLfile", file, "-CAfile", one.material.trust("root", one.world),
                  "-untrusted", one.material.trust("intermediates", one.world), one.file)
    report.answer("path", one.name, outcome.first(r"^error \d+", r": OK$").replace(str(one.file) + ": ", ""))


def issuer_address(report, one):
    """caIssuers gives the issuer's certificate as DER."""
    fetched = one.scratch / (one.name + ".caissuers.cer")
    fetched.write_bytes(fetch(one.addresses("authorityInfoAccess")["CA Issuers"][0]))
    same = run("openssl", "x509", "-inform", "DER", "-in", fetched).out.split() == one.issuer.read_text().split()
    report.answer("ca-issuers", one.name, "the issuer's certificate" if same else "another certificate")


def questions(report, material):
    for one in subjects(material, material.scratch("openssl-status")):
        ocsp(report, one)
        crl_and_path(report, one)
        issuer_address(report, one)
    tsa = material.trust("tsa")
    report.answer("purpose", "tsa-1", run("openssl", "verify", "-x509_strict", "-purpose", "timestampsign", "-CAfile", material.trust("root"),
                                        "-untrusted", material.trust("intermediates"), tsa).first("OK$").replace(str(tsa) + ": ", ""))


if __name__ == "__main__":
    hear("openssl-status", questions)
