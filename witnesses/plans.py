#!/usr/bin/env python3
"""jsonschema on `eseal world plan --schema`: it is a schema of draft 2020-12, the plans of the repository's pages agree with it, and what it refuses and
takes is what `eseal world plan --check` refuses and takes. A plan that hangs together badly (a loop, a missing parent) no schema can know; what one
member says it has to.
"""

import json
import re
import tempfile
import tomllib
from pathlib import Path

from harness import HERE, hear, run
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from material import find_binary

REPOSITORY = HERE.parent
# Members with their tables, and what may stand there or not. `{}` is where the value stands.
AUTHORITY = '[[authority]]\nid = "root"\ncommon_name = "Root"\n'
UNIT = '[[time_stamping_unit]]\nname = "default"\n'
PLANS = {
    "start": ("start = {}\n", ['"2026-11-24T09:00:00+09:00"', '"2026-11-24"', '"-3y"', '"+400d"'], ['"now"', '"soon"', '"2026-13-24"', '"-3"', "5"]),
    "clock": ("clock = {}\n", ['"fixed"', '"running"'], ['"stopped"', "true"]),
    "begins": (AUTHORITY + "begins = {}\n", ['"-5y"', '"2020-01-01"', '"+0d"'], ['"+1d"', '"5y"']),
    "validity": (AUTHORITY + "validity = {}\n", ['"20y"', '"+90d"'], ['"0d"', '"00s"', '"-1y"', '"1 y"', '""']),
    "crl_validity": (AUTHORITY + "crl_validity = {}\n", ['"12h"'], ['"0h"', '"h"']),
    "status": (AUTHORITY + "status = {}\n", ['["crl"]', '["ocsp", "crl"]'], ["[]", '["crll"]', '"crl"']),
    "rollovers": (AUTHORITY + 'begins = "-9y"\nrollovers = {}\n', ["[]", '["-1y"]'], ['["+1y"]', '["x"]', '"-1y"']),
    "algorithm": (AUTHORITY + "algorithm = {}\n", ['"Ed25519"', '"RSA-3072-PSS"'], ['"P-255"', '"RSA-1024"']),
    "country": (AUTHORITY + "country = {}\n", ['"DE"'], ['"de"', '"JPN"']),
    "identifier": (AUTHORITY + "organization_identifier = {}\n", ['"VATDE-123456789"', '"EI:SE-5567971433"'], ['"7000012050002"', '"ABCJP-1"', '"NTRJP-"']),
    "common_name": ('[[authority]]\nid = "root"\ncommon_name = {}\n', ['"Root"'], ['""', '" "', '"%s"' % ("x" * 65)]),
    "id": ('[[authority]]\nid = {}\ncommon_name = "Root"\n', ['"a-1"'], ['"Root"', '"1a"', '""']),
    "accuracy": (UNIT + "accuracy = {}\n", ['"1s"', '"500ms"'], ['"0s"', '"000us"', '"1m"']),
    "policy": (UNIT + "policy = {}\n", ['"1.2.392.1"', '"2.999.1"'], ['"1.x"', '"3.1"', '"1.40.1"', '"1.02"']),
    "unit": ("[[time_stamping_unit]]\nname = {}\n", ['"fast"'], ['"api"', '"Fast"', '""']),
    "lists": ("{}", ["# nothing"], ["authority = []", "credential = []", "time_stamping_unit = []", "organization = []"]),
    "unknown": ("{}", ["# nothing"], ["colour = 1", AUTHORITY + "colour = 1"]),
}


def schema_of(binary):
    return json.loads(run(binary, "world", "plan", "--schema").out)


def validity(schema):
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as wrong:
        return "no schema: %s" % wrong.message
    return "a schema"


def agrees(validator, plan):
    """TOML's dates are as good as text."""
    found = next(validator.iter_errors(json.loads(json.dumps(plan, default=str))), None)
    return "agrees" if found is None else "%s: %s" % (found.json_path, found.message)


def documented():
    """The plans of pages, of the repository and of tests, by where they stand."""
    for page in sorted((REPOSITORY / "docs").glob("*.md")):
        for number, block in enumerate(re.findall(r"^```toml[^\n]*\n(.*?)^```", page.read_text(), re.M | re.S), 1):
            if "version = 1" in block and re.search(r"^\[\[(authority|credential|time_stamping_unit)\]\]", block, re.M):
                yield "%s-%d" % (page.stem, number), block
    for file in ("laboratory/src/plan/default.toml", "laboratory/tests/laboratory/plan/every_algorithm.toml"):
        yield Path(file).stem, (REPOSITORY / file).read_text()


def questions(report, _material):
    binary = find_binary([])
    schema = schema_of(binary)
    report.answer("schema", "itself", validity(schema))
    validator = Draft202012Validator(schema)
    for name, text in documented():
        report.answer("documented", name, agrees(validator, tomllib.loads(text)))
    with tempfile.TemporaryDirectory(prefix="eseal-plans-") as folder:
        file = Path(folder) / "plan.toml"
        for member, (text, taken, refused) in PLANS.items():
            for value in taken + refused:
                plan = "version = 1\n" + text.format(value)
                file.write_text(plan)
                by_check = run(binary, "world", "plan", "--check", file).code == 0
                by_schema = agrees(validator, tomllib.loads(plan)) == "agrees"
                wanted = value in taken
                told = "both say so" if by_check == by_schema == wanted else "--check %s it, the schema %s" % tuple("takes" if yes else "refuses" for yes in (by_check, by_schema))
                report.answer("taken" if wanted else "refused", " ".join(("%s %s" % (member, value)).split()), told)
    mutant = json.loads(json.dumps(schema))
    mutant["$defs"]["ClockMode"]["properties"] = None
    report.answer("mutant", "members-that-are-null", validity(mutant))


if __name__ == "__main__":
    hear("plans", questions)
