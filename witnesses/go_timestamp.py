#!/usr/bin/env python3
"""Two Go verifiers (digitorus, sigstore) as RFC 3161 client: `tsclient` asks for a token and judges it with both."""

from harness import GO_CLIENT, hear, run


def questions(report, material):
    outcome = run(GO_CLIENT, material.base() + "/tsa", material.folder / "data.txt", material.trust("all"))
    report.answer("digitorus", "token", outcome.first(r"^digitorus", r"^FAIL"))
    report.answer("sigstore", "token", outcome.first(r"^sigstore", r"^FAIL"))
    wrong = run(GO_CLIENT, material.base() + "/tsa", material.folder / "data.txt", material.trust("root", "revoked"))
    report.answer("digitorus", "another-root", wrong.first(r"FAIL"))


if __name__ == "__main__":
    hear("go-timestamp", questions)
