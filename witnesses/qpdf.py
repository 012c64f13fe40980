#!/usr/bin/env python3
"""qpdf on the syntax of every document, with nothing repaired."""

from harness import hear, run


def questions(report, material):
    for document in material.documents:
        outcome = run("qpdf", "--check", document["path"])
        warnings = [line for line in outcome.lines() if "WARNING" in line or "ERROR" in line]
        report.answer("syntax", document["subject"], " / ".join(warnings) or outcome.first("No syntax or stream encoding errors"))


if __name__ == "__main__":
    hear("qpdf", questions)
