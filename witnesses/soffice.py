#!/usr/bin/env python3
"""LibreOffice writes registers as registrars do, and opens what came of them.

One sheet with days, leading zeros, formulas, characters that only Windows' Shift_JIS has, and a hidden sheet beside it, is saved by LibreOffice
as .xlsx, as CSV in UTF-8 and in CP932, and as .ods. Each is tried and issued. What came of a batch is opened by LibreOffice again."""

import json
import time
import urllib.error
from urllib.parse import quote

from harness import fetch, hear, run

HEADERS = ["氏名", "メールアドレス", "学籍番号", "講座名", "講座名（英語）", "概要", "修了要件", "実施機関", "学修時間", "修了日"]
COURSE = ["統計入門", "Introduction to Statistics", "統計の基礎を学ぶ。", "全8回の課題に合格すること。", "試験大学 数理教育センター"]
PEOPLE = [("髙橋 花子", "hanako", 123), ("山﨑 一郎", "ichiro", 98765), ("①組, \"四郎\"", "shiro", 7)]

NAMESPACES = " ".join('xmlns:%s="urn:oasis:names:tc:opendocument:xmlns:%s:1.0"' % (short, name) for short, name in [
    ("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"), ("number", "datastyle")]) + ' xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2"'
STYLES = """<office:automatic-styles>
 <number:number-style style:name="N1"><number:number number:decimal-places="0" number:min-integer-digits="5"/></number:number-style>
 <number:date-style style:name="N2"><number:year number:style="long"/><number:text>/</number:text><number:month/><number:text>/</number:text><number:day/></number:date-style>
 <style:style style:name="zeros" style:family="table-cell" style:data-style-name="N1"/>
 <style:style style:name="day" style:family="table-cell" style:data-style-name="N2"/>
 <style:style style:name="shown" style:family="table"><style:table-properties table:display="true"/></style:style>
 <style:style style:name="hidden" style:family="table"><style:table-properties table:display="false"/></style:style>
</office:automatic-styles>"""


def text(words):
    words = words.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return '<table:table-cell office:value-type="string"><text:p>%s</text:p></table:table-cell>' % words


def row(cells):
    return "<table:table-row>%s</table:table-row>" % "".join(cells)


def person(name, mail, number, domain):
    return row([text(name), text("%s@%s.example.ac.jp" % (mail, domain)),
                '<table:table-cell table:style-name="zeros" office:value-type="float" office:value="%d"/>' % number]
               + [text(words) for words in COURSE]
               + ['<table:table-cell table:formula="of:=3*5" office:value-type="float" office:value="15"/>',
                  '<table:table-cell table:style-name="day" office:value-type="date" office:date-value="2025-09-26"/>'])


def sheet(domain):
    """A spreadsheet in one XML file (OpenDocument 1.3, part 3, clause 3.1.2)."""
    rows = [row([text(header) for header in HEADERS])] + [person(*one, domain) for one in PEOPLE]
    tables = '<table:table table:name="名簿" table:style-name="shown">%s</table:table>' % "".join(rows)
    tables += '<table:table table:name="控え" table:style-name="hidden">%s</table:table>' % row([text("見せない")])
    return ('<?xml version="1.0" encoding="UTF-8"?><office:document %s office:version="1.3" '
            'office:mimetype="application/vnd.oasis.opendocument.spreadsheet">%s<office:body><office:spreadsheet>%s'
            '</office:spreadsheet></office:body></office:document>' % (NAMESPACES, STYLES, tables))


def converted(folder, source, kind, name):
    """What LibreOffice makes of a file; a CSV filter is told delimiter, quotation mark, encoding, first line, and the sheet."""
    out = folder / name
    out.mkdir(exist_ok=True)
    profile = "-env:UserInstallation=file://%s" % (folder / "profile")
    said = run("soffice", profile, "--headless", "--convert-to", kind, "--outdir", out, source)
    made = sorted(out.glob(source.stem + "*." + kind.split(":")[0]))
    if not made:
        raise RuntimeError("LibreOffice made nothing: " + said.text)
    return made[-1]


def ask(address, path):
    try:
        return json.loads(fetch(address, path.read_bytes(), "application/octet-stream"))
    except urllib.error.HTTPError as error:
        return json.loads(error.read())


def asked(report, material, kind, path):
    """Tries a file, issues it, and tells whom LibreOffice's cells were read as."""
    api, name = material.base() + "/issuer/api", quote(path.name)
    tried = ask("%s/registers/dry-run?name=%s" % (api, name), path)
    if "counts" not in tried:
        return report.answer("dry-run", kind, tried["error_description"])
    counts, notes = tried["counts"], " ".join(tried["notes"])
    report.answer("dry-run", kind, "%d rows, %d faulty, %s %s %s" % (counts["rows"], counts["faulty"], tried["encoding"], tried["sheet"], notes))
    batch = ask("%s/batches?level=B-B&name=%s" % (api, name), path)
    while batch["state"] == "running":
        time.sleep(0.2)
        batch = json.loads(fetch("%s/batches/%d" % (api, batch["id"])))
    rows = json.loads(fetch("%s/batches/%d/result.json" % (api, batch["id"])))
    report.answer("issue", kind, "%d delivered, %d failed" % (batch["rows"]["delivered"], batch["rows"]["failed"]))
    certificates = [json.loads(fetch("%s/certificates/%s" % (api, line["number"]))) for line in rows]
    report.answer("names", kind, " | ".join(certificate["recipient"] for certificate in certificates))
    return batch["id"]


def questions(report, material):
    folder = material.scratch("soffice")
    last = None
    for kind, wanted in [("xlsx", "xlsx"), ("csv-utf-8", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,1"),
                         ("csv-cp932", "csv:Text - txt - csv (StarCalc):44,34,60,1,,0,false,true,true,false,false,1"), ("ods", "ods")]:
        source = folder / (kind + ".fods")
        source.write_text(sheet(kind), "utf-8")
        last = asked(report, material, kind, converted(folder, source, wanted, kind)) or last
    # A faulty row whose text a spreadsheet would calculate comes back in the result.
    faulty = folder / "formula.csv"
    faulty.write_text("\n".join([",".join(HEADERS), "=1+1,x@example.jp,1,%s,15,2025-09-26" % ",".join(COURSE)]) + "\n", "utf-8")
    batch = ask("%s/issuer/api/batches?level=B-B&name=formula.csv" % material.base(), faulty)
    for number in (last, batch["id"]):
        result = folder / ("result-%d.csv" % number)
        result.write_bytes(fetch("%s/issuer/api/batches/%d/result.csv" % (material.base(), number)))
        opened = converted(folder, result, "fods", "opened")
        words = opened.read_text("utf-8")
        said = "a formula" if "table:formula=" in words else "no formula"
        report.answer("opened", "result-issued" if number == last else "result-faulty", said)


if __name__ == "__main__":
    hear("soffice", questions)
