"""The handed cases: small sealed files, each of a kind that once went wrong. They lie beside the corpora, in `../shared/cases` or in
`cases` beside the folder that CORPORA_DIR names."""

import os
from pathlib import Path

from harness import HERE

AT = "2026-11-28T22:26:29Z"
# The cases that are asked at other times than the rest.
TIMES = {
    "23-acceptance-lost": ["2026-12-20T00:00:00Z"],
    "24-crl-partition": ["2026-11-20T13:00:00Z", "2026-12-20T00:00:00Z"],
    "25-responder": ["2026-11-20T13:00:00Z"],
    "28-forged-time-stamp": ["2026-11-20T13:00:00Z"],
}
HOSTILE = ["19-hostile-size", "26-slow"]  # about sizes: the crates' own tests read them


class Case:
    """One file with the anchors that it is to be judged by, and when."""

    def __init__(self, path, trust):
        self.path, self.trust, self.folder = path, trust, path.parent.name
        self.name, self.times = "%s/%s" % (self.folder, path.stem), TIMES.get(self.folder, [AT])


def folder():
    """Where the cases are; `None` if they are not there."""
    corpora = Path(os.environ.get("CORPORA_DIR") or HERE.parent.parent / "shared" / "corpora")
    found = corpora.parent / "cases"
    return found if found.is_dir() else None


def skip(report):
    """Says that there are none; a failure where corpora are required."""
    words = "cases: no folder `cases` beside the corpora"
    if os.environ.get("REQUIRE_CORPORA") == "1":
        return report.fail("is required: " + words)
    report.skipped += 1
    print("skipped %s %s" % (report.witness, words), flush=True)


def sealed(folder):
    """Every sealed file with the anchors that lie beside it, in the order of their names; without any, with those of a stranger."""
    stranger = folder / "00-control" / "control.root.pem"
    for path in sorted(folder.glob("*/*.pdf")):
        anchors = [path.with_suffix(".root.pem"), path.with_suffix(".trust.pem"), path.parent / "root.pem", stranger]
        if path.parent.name not in HOSTILE and b"/ByteRange" in path.read_bytes():
            yield Case(path, next(one for one in anchors if one.is_file()))
