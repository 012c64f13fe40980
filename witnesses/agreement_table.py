"""docs/agreement.md: what other programs say of the stories' files. In: the questions with their answers. Out: the text.

No program is named beside a forgery: of a forged file only whether all refuse it is told.
"""

WHOLE = ["EU DSS", "pyHanko"]  # judge the whole of a file
PARTS = ["pdfsig", "openssl cms", "openssl verify"]  # judge a part of it
HEAD = """# Agreement

The files of the stories (`eseal scenario list`), judged by other programs too: at the same validation time, with the same trust
anchors, certificates, CRLs and OCSP answers, and without a network. This page is made by `witnesses/run agreement --write`;
`witnesses/run agreement`, which is part of `./test witnesses`, fails if a program says something else than is written here, or
something else than the testbed without a reason from the standard. Clauses are those of ETSI EN 319 102-1.

| program | judges | compared with |
|---|---|---|
| EU DSS 6.4, default policy | the whole file: its archival process (5.6) | indication, sub-indication, best signature time |
| pyHanko 0.38 (library) | the whole file: its archival process if there is a document time-stamp, else the one with time if there is a time-stamp, else the basic one | indication, sub-indication |
| pdfsig (poppler) | the signature over its byte range | whether hash and signature value hold |
| `openssl cms -verify` | the message over the bytes of its byte range, up to the anchor | whether hash and signature value hold |
| `openssl verify -crl_check_all` | the certificate path at the validation time, where CRLs are at hand for all of it; no time-stamps | revoked, expired, stale or none of these, in the basic process (5.3) |
"""


def render(asked):
    honest, forged = [one for one in asked if not one.forged], [one for one in asked if one.forged]
    notes = []
    lines = [HEAD, counts(asked, WHOLE + PARTS), "", "## Files as they were sealed", "",
             "`=`: says the same. A number leads to the reason below. `–`: cannot be asked about this file.", "",
             "| story | testbed | %s |" % " | ".join(WHOLE + PARTS), "|---|---|" + "---|" * len(WHOLE + PARTS)]
    lines += ["| %s | %s | %s |" % (label(one, asked), one.ours, " | ".join(cell(one, name, notes) for name in WHOLE + PARTS))
              for one in honest]
    lines += ["", "### Reasons", ""] + ["%d. %s" % (number + 1, why) for number, why in enumerate(notes)]
    lines += ["", "## Forged files", "",
              "Whether the programs that judge the whole file refuse it (no total pass, or changes called suspicious), and whether the",
              "others say the same of their part. Programs are not named beside forgeries.", "",
              "| story | testbed | refuse it | parts the same | where one says something else |", "|---|---|---|---|---|"]
    lines += ["| %s | %s | %s | %s | %s |" % (label(one, asked), one.ours, refused(one), parts(one), "<br>".join(reasons(one)))
              for one in forged]
    return "\n".join(lines) + "\n"


def label(one, asked):
    """The story, with what tells its verifications apart if there are several."""
    of_story = [other for other in asked if other.case == one.case]
    if len(of_story) == 1:
        return one.case
    return "%s, %s" % (one.case, one.name if len({other.name for other in of_story}) > 1 else "verification %d" % (of_story.index(one) + 1))


def cell(one, program, notes):
    answer = one.answers.get(program)
    if answer is None:
        return "–"
    if answer["same"]:
        return "="
    why = answer.get("why", "not explained")
    if why not in notes:
        notes.append(why)
    return "%s [%d](#reasons)" % (answer["said"], notes.index(why) + 1)


def refused(one):
    return some(one.answers[name]["said"] != "TOTAL-PASSED" for name in WHOLE)


def parts(one):
    return some(one.answers[name]["same"] for name in PARTS if name in one.answers)


def some(given):
    return "all" if all(given) else "not all"


def reasons(one):
    return dict.fromkeys(answer.get("why", "not explained") for answer in one.answers.values() if not answer["same"])


def counts(asked, programs):
    lines = ["| program | files | says the same | differs, with a reason |", "|---|---|---|---|"]
    for program in programs:
        given = [one.answers[program]["same"] for one in asked if program in one.answers]
        lines.append("| %s | %d | %d | %d |" % (program, len(given), sum(given), len(given) - sum(given)))
    return "\n".join(lines)
