#!/usr/bin/env python3
"""poppler on issued certificates: are all fonts embedded, and is the badge attached."""

from harness import hear, run


def fonts(outcome):
    """`all of N fonts embedded, with Unicode`, or the rows of those that are not. Columns from the right: emb sub uni object ID."""
    rows = [line.split() for line in outcome.out.splitlines()[2:]]
    bad = [" ".join(row) for row in rows if row[-5] != "yes" or row[-3] != "yes"]
    return "not embedded or without Unicode: " + " / ".join(bad) if bad else "all %d fonts embedded, with Unicode" % len(rows)


def questions(report, material):
    for document in material.documents:
        if document["origin"] in ("issued", "template"):
            report.answer("fonts", document["subject"], fonts(run("pdffonts", document["path"])))
        if document["origin"] == "issued":
            report.answer("attachments", document["subject"], " / ".join(run("pdfdetach", "-list", document["path"]).lines()))


if __name__ == "__main__":
    hear("poppler", questions)
