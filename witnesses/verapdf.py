#!/usr/bin/env python3
"""veraPDF: PDF/A-3a, PDF/A-3b and PDF/UA-1 of issued certificates, sealed at each level; and two files that must fail."""

import json
from pathlib import Path

from harness import JAVA, VERAPDF_JAR, hear, run


def words(row):
    if row["compliant"]:
        return "compliant (%d checks)" % row["checks"]
    rules = ["%s-%s" % (rule["clause"], rule["test"]) for rule in row.get("failed", [])]
    return "not compliant: " + (row.get("error") or ", ".join(rules))


def questions(report, material):
    files = {one["path"]: one["subject"] for one in material.documents if one["origin"] in ("issued", "template")}
    spoiled = material.scratch("verapdf") / "spoiled.pdf"
    spoiled.write_bytes(Path(next(iter(files))).read_bytes() + b"one line after the end of the file\n")
    files[str(spoiled)] = "spoiled"
    files[str(material.folder / "classic.pdf")] = "never-archival"
    outcome = run(*JAVA, "-jar", VERAPDF_JAR, "-f", "3a,3b,ua1", *files)
    for line in outcome.out.splitlines():
        row = json.loads(line)
        report.answer(row["flavour"], files[row["file"]], words(row))


if __name__ == "__main__":
    hear("verapdf", questions)
