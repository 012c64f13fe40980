#!/usr/bin/env python3
"""curl as a careful HTTP client: conditional requests, HEAD, and what a client is told that may not ask or asks too early."""

from harness import hear, run

READ = {
    "crl": "/ca/crl/issuing.crl", "crl-by-number": "/ca/crl/issuing-1.crl", "certificate": "/ca/certs/issuing.cer",
    "anchors": "/ca/trust.pem",
}


def status(address, *options):
    return run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", *options, address).out


def header(address, name, *options):
    """The value of a header of the answer; nothing if it is not there."""
    lines = run("curl", "-s", "-o", "/dev/null", "-D", "-", *options, address).out.splitlines()
    values = [line.partition(":")[2].strip() for line in lines if line.lower().startswith(name + ":")]
    return ", ".join(values) or "(none)"


def conditional(report, name, address, scratch):
    """curl keeps the entity tag itself, and asks again with it."""
    kept = scratch / (name + ".etag")
    status(address, "--etag-save", kept)
    report.answer("conditional", "again-" + name, status(address, "--etag-compare", kept))
    report.answer("not-modified", name, header(address, "cache-control", "--etag-compare", kept))
    tag = kept.read_text().strip()
    for question, field in (
        ("weak", "If-None-Match: W/" + tag), ("list", 'If-None-Match: "other", ' + tag), ("any", "If-None-Match: *"),
        ("other", 'If-None-Match: "other"'), ("wanted", "If-Match: " + tag), ("foreign", 'If-Match: "other"'),
        ("date", "If-Modified-Since: Fri, 31 Dec 2099 23:59:59 GMT"),
    ):
        report.answer("conditional", question + "-" + name, status(address, "-H", field))
    report.answer("conditional", "head-" + name, status(address, "--head"))
    report.answer("length", "known-" + name, header(address, "content-length", "--head", "-H", "If-None-Match: *"))


def too_large(report, name, address, media_type, scratch):
    """curl sends before it listens, and is told all the same; what it then stops sending is up to it."""
    body = scratch / "too-large"
    body.write_bytes(bytes(5 << 20))
    sent = run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{size_upload} %{errormsg}", "-H", "Expect:",
               "-H", "Content-Type: " + media_type, "--data-binary", "@" + str(body), address)
    report.answer("too-large", name, sent.out.strip())


def questions(report, material):
    scratch, base = material.scratch("curl"), material.base()
    for name, path in READ.items():
        conditional(report, name, base + path, scratch)
    report.answer("number", "leading-zero", status(base + "/ca/crl/issuing-01.crl"))
    report.answer("path", "unreadable", header(base + "/ca/crl/%FF.crl", "content-type"))
    too_large(report, "time-stamp", base + "/tsa", "application/timestamp-query", scratch)
    too_large(report, "ocsp", base + "/ca/ocsp", "application/ocsp-request", scratch)
    too_large(report, "enrolment", base + "/ca/api/certificates", "application/json", scratch)
    listing = ["-X", "POST", "-d", "{}", base + "/csc/v2/credentials/list"]
    report.answer("challenge", "no-token", header(listing[-1], "www-authenticate", *listing[:-1]))
    report.answer("challenge", "unknown-token", header(listing[-1], "www-authenticate", "-H", "Authorization: Bearer x", *listing[:-1]))
    report.answer("stored", "refusal", header(listing[-1], "cache-control", *listing[:-1]))


if __name__ == "__main__":
    hear("curl", questions)
