#!/usr/bin/env python3
"""EU DSS: the three validation processes of ETSI EN 319 102-1 over every document, offline and online.

One JVM a world and mode. DSS's default policy only warns about changes after the seal, so what it calls suspicious counts too.
"""

import json

from harness import DSS_JAR, JAVA, hear, run


def words(seal):
    """`TOTAL_PASSED (basic PASSED, with time PASSED, long-term PASSED)`, with sub-indications and suspicious changes."""
    total = "/".join(str(seal[part]) for part in ("indication", "sub_indication") if seal[part])
    parts = "basic %s, with time %s, long-term %s" % (seal["basic"], seal["with_time"], seal["lta"])
    suspicious = "; suspicious later changes" if seal["pdf"]["suspicious"] else ""
    return "%s (%s)%s" % (total, parts, suspicious)


def stamps(rows):
    """How many time-stamps the file holds, and whether each passed with an intact imprint."""
    good = [row for row in rows if row["indication"] == "PASSED" and row["imprint_intact"]]
    return "%d of %d passed" % (len(good), len(rows))


def questions(report, material):
    for world in material.worlds:
        documents = {document["path"]: document["subject"] for document in material.of_world(world)}
        for mode, options in (("offline", []), ("online", ["--online"])):
            outcome = run(*JAVA, "-jar", DSS_JAR, "--anchor", material.trust("root", world),
                          "--cert", material.trust("intermediates", world), *options, *documents)
            rows = [json.loads(line) for line in outcome.out.splitlines() if line.startswith("{")]
            for path, subject in documents.items():
                mine = [row for row in rows if row["file"] == path]
                seal = next((row for row in mine if row["type"] == "signature"), None)
                report.answer(mode, subject, words(seal) if seal else mine or outcome.text)
                report.answer(mode + "-time-stamps", subject, stamps([row for row in mine if row["type"] == "timestamp"]))


if __name__ == "__main__":
    hear("dss", questions)
