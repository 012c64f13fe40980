#!/usr/bin/env python3
"""OpenSSL as RFC 3161 client: asks the testbed for tokens and judges them, and the token that `eseal timestamp` saved."""

from harness import fetch, hear, openssl_reasons, run


def verdict(outcome):
    """`Verification: OK`, or `Verification: FAILED` with OpenSSL's reasons."""
    line = outcome.first(r"^Verification: ")
    return line if line.endswith("OK") else ": ".join([line] + openssl_reasons(outcome.text))


def stamp(material, scratch, name, *options):
    """Makes a query over data.txt with OpenSSL, sends it, and returns (query file, response file)."""
    query, response = scratch / (name + ".tsq"), scratch / (name + ".tsr")
    run("openssl", "ts", "-query", "-data", material.folder / "data.txt", "-out", query, *options)
    response.write_bytes(fetch(material.base() + "/tsa", query.read_bytes(), "application/timestamp-query"))
    return query, response


def verify(material, *options):
    return verdict(run("openssl", "ts", "-verify", "-CAfile", material.trust("root"),
                       "-untrusted", material.trust("intermediates"), *options))


def saved_token(report, material, scratch):
    token = material.folder / "token.tsr"
    right, wrong = material.folder / "data.txt", material.folder / "wrong-data.txt"
    report.answer("data", "token", verify(material, "-in", token, "-data", right))
    report.answer("data", "token-over-other-data", verify(material, "-in", token, "-data", wrong))
    changed = scratch / "changed.tsr"
    changed.write_bytes(token.read_bytes()[:-1] + bytes([token.read_bytes()[-1] ^ 1]))
    report.answer("data", "token-with-changed-signature", verify(material, "-in", changed, "-data", right))


def fresh_tokens(report, material, scratch):
    for digest in ("sha256", "sha384", "sha512"):
        query, response = stamp(material, scratch, digest, "-" + digest, "-cert")
        report.answer("queryfile", digest, verify(material, "-in", response, "-queryfile", query))
    other, _ = stamp(material, scratch, "other", "-sha256", "-cert")
    report.answer("queryfile", "another-nonce", verify(material, "-in", scratch / "sha256.tsr", "-queryfile", other))
    query, response = stamp(material, scratch, "bare", "-sha256", "-no_nonce")
    untrusted = scratch / "untrusted.pem"
    untrusted.write_text(material.trust("tsa").read_text() + material.trust("intermediates").read_text())
    report.answer("queryfile", "no-nonce-no-certificates", verdict(run(
        "openssl", "ts", "-verify", "-in", response, "-queryfile", query, "-CAfile", material.trust("root"),
        "-untrusted", untrusted)))


def refusals(report, material, scratch):
    for subject, options in (("unknown-policy", ["-sha256", "-tspolicy", "1.2.3.4"]), ("md5", ["-md5"])):
        _, response = stamp(material, scratch, subject, *options)
        text = run("openssl", "ts", "-reply", "-in", response, "-text")
        report.answer("refusal", subject, text.first(r"^Status: ") + "; " + text.first(r"^Failure info: "))


def questions(report, material):
    scratch = material.scratch("openssl-timestamp")
    saved_token(report, material, scratch)
    fresh_tokens(report, material, scratch)
    refusals(report, material, scratch)


if __name__ == "__main__":
    hear("openssl-timestamp", questions)
