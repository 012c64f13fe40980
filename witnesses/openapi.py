#!/usr/bin/env python3
"""schemathesis on the description of a world's addresses: what `/openapi.json` says is what they take and give.

A throw-away testbed is asked, operation by operation, what its own description allows and forbids, with a fixed seed and number of
examples. openapi-spec-validator judges the document itself. Then the same checks meet a description that is wrong in
six places, and must find each: so the witness can fail.
"""

import base64
import copy
import hmac
import json
import os
import re
import tempfile
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path

import openapi_bodies
from asn1crypto import tsp
from harness import HERE, PYTHON, fetch, hear, run
from material import Testbed, find_binary
from openapi_spec_validator import OpenAPIV31SpecValidator

SEED, EXAMPLES = 1, 10

CHECKS = [
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "negative_data_rejection", "positive_data_acceptance", "missing_required_header",
    "unsupported_method", "allow_header_conformance", "ignored_auth",
]
# Not asked, each for a reason of its own:
# use_after_free, ensure_resource_availability: they follow what was made from operation to operation (the stateful phase), and here
#   nothing that a world has made goes away (certificates and facts are records), but for whole worlds, which a test deletes
#   (laboratory/src/worlds/tests.rs);
# object_level_authorization: there are no users whose things others must not see: a token is a client's, and there is one client.

# Operations that may refuse (400, 422) what the schemas of the document allow, since JSON Schema cannot say it.
MAY_REFUSE = {
    "/ca/api/certificates": "either a request or a public key, which is a key; a subject whose number fits its country",
    "/tsa/api/tokens/{serial}": "a time that certificates can carry",
    "/ca/api/revocations": "a time that certificates can carry",
    "/csc/v1/credentials/authorize": "hashes as long as their algorithm says, in base64; one value under both names",
    "/csc/v2/credentials/authorize": "the same",
    "/csc/v1/credentials/list": "a page token of the answer before",
    "/csc/v2/credentials/list": "the same",
    "/csc/v1/credentials/info": "a credential that there is: the API answers 400 for another (CSC API 2.0.0.2 clause 10.1)",
    "/csc/v2/credentials/info": "the same",
    "/csc/v1/signatures/signHash": "an authorization that was given for these hashes",
    "/csc/v2/signatures/signHash": "the same",
    "/csc/v1/oauth2/token": "a client is named in one way only (RFC 6749 clause 2.3), and known",
    "/csc/v2/oauth2/token": "the same",
    "/csc/v1/oauth2/revoke": "the same",
    "/csc/v2/oauth2/revoke": "the same",
    "/issuer/api/certificates": "completion data without contradictions, that can be printed",
    "/issuer/api/certificates/{number}/badge": "a certificate that was not revoked",
    "/issuer/api/certificates/{number}/revoke": "a time since which it can be revoked; a certificate that is not revoked for another reason",
    "/issuer/api/certificates/{number}/suspend": "a certificate that is valid",
    "/issuer/api/certificates/{number}/release": "a certificate that is suspended",
    "/issuer/api/certificates/{number}/reissue": "a certificate that is valid; completion data that can be printed",
    "/issuer/api/numbers/gaps": "a number whose check character is right",
    "/issuer/api/batches": "a file with rows that can be read",
    "/issuer/api/registers/dry-run": "the same",
    "/issuer/api/registers/preview": "the same",
    "/issuer/api/templates/{id}/preview": "completion data that this template can print",
    "/issuer/api/templates/{id}": "a template with that id, its version above what is kept",
    "/issuer/api/completions": "a signature, which takes the secret",
    "/testbed/api/crossings": "one of number and batch, and something that is there",
    "/issuer/api/seals": "a PDF that can be sealed",
    "/verifier/api/validations": "a PDF that can be read; a time that certificates can carry",
    "/testbed/api/clock": "a time that certificates can carry, with the actions that take one",
    "/testbed/api/worlds/{name}": "a plan that can be made",
    "/testbed/api/worlds/{name}/restore": "a file that holds a world",
}
# Operations that answer 200 whatever they are sent, and say what is wrong inside.
REFUSE_INSIDE = {
    "/tsa": "a TimeStampResp with its PKIFailureInfo (RFC 3161 clause 2.4.2)",
    "/tsa/{unit}": "the same",
    "/ca/ocsp": "an OCSPResponse: malformedRequest (RFC 6960 clause 2.3)",
    "/ca/ocsp/": "the same",
    "/ca/ocsp/{request}": "the same",
}
# Operations that ask another service, and say with 502 what it answered.
ELSEWHERE = {"/issuer/api/seals": "only the key server knows which credentials there are", "/issuer/api/certificates": "the same"}
CLOCK = "/testbed/api/clock"  # asked last and alone: who moves the clock by years ends tokens and certificates of all others


def give_up(base):
    """Gives up a number whose certificate failed: which one waits, only this world knows, and only until it is given up."""
    completion = json.loads((HERE.parent / "examples/certificate.json").read_text())
    completion["recipient"]["name"] = "Waiting"
    try:
        fetch(base + "/issuer/api/certificates?credential=none", json.dumps(completion).encode(), "application/json")
    except urllib.error.HTTPError:
        pass  # as intended: there is no such credential
    waiting = [gap["number"] for gap in json.loads(fetch(base + "/issuer/api/numbers/gaps"))["gaps"] if gap["state"] == "waiting"]
    given_up = json.loads(fetch(base + "/issuer/api/numbers/%s/give-up" % waiting[-1], b'{"reason": "nobody asks again"}', "application/json"))
    return {"POST /issuer/api/numbers/{number}/give-up"} if given_up["state"] == "given-up" else set()


def life(base):
    """What becomes of a certificate goes one way: each step is taken once, with one of its own. And a message is signed."""
    completion = json.loads((HERE.parent / "examples/certificate.json").read_text())
    issued = json.loads(fetch(base + "/issuer/api/certificates?level=B-B", json.dumps(completion).encode(), "application/json"))
    path, succeeded = "/issuer/api/certificates/{number}", set()
    fetch(issued["badge"])
    for act, state in (("suspend", "suspended"), ("release", "valid"), ("reissue", "valid"), ("revoke", "revoked")):
        body = json.dumps({"reason": act, "level": "B-B"} if act == "reissue" else {"reason": act}).encode()
        told = json.loads(fetch(base + path.format(number=issued["number"]) + "/" + act, body, "application/json"))
        if told.get("standing", told)["state"] == state:
            succeeded.add("POST %s/%s" % (path, act))
    secret = base64.b64decode(json.loads(fetch(base + "/issuer/api/webhook"))["secret"][len("whsec_"):])
    now = json.loads(fetch(base + "/testbed/api/clock"))["time"]
    sent = str(int(datetime.fromisoformat(now[:19] + "+00:00").timestamp()))
    body = json.dumps({"type": "completion.recorded", "level": "B-B", "data": completion}).encode()
    signature = base64.b64encode(hmac.digest(secret, b"message.%s.%s" % (sent.encode(), body), "sha256")).decode()
    headers = {"webhook-id": "message", "webhook-timestamp": sent, "webhook-signature": "v1," + signature}
    request = urllib.request.Request(base + "/issuer/api/completions", body, headers)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as response:
        if json.load(response)["number"]:
            succeeded.add("POST /issuer/api/completions")
    return succeeded | {"GET %s/badge" % path}


def batches(base):
    """A batch is paused, goes on and is cancelled only while it is at work; a register and a template are files of their own kind."""
    completion = json.loads((HERE.parent / "examples/certificate.json").read_text())
    rows, succeeded = [], set()
    for row in range(200):
        completion["recipient"]["identifier"] = "S%04d" % row
        rows.append(json.dumps(completion))
    register = "\n".join(rows).encode()
    tried = json.loads(fetch(base + "/issuer/api/registers/dry-run?limit=2", register, "application/jsonl"))
    if (tried["counts"]["rows"], tried["counts"]["would_issue"], tried["counts"]["faulty"]) == (2, 2, 0):
        succeeded.add("POST /issuer/api/registers/dry-run")
    if fetch(base + "/issuer/api/registers/preview?rows=1", register, "application/jsonl").startswith(b"%PDF-"):
        succeeded.add("POST /issuer/api/registers/preview")
    batch = json.loads(fetch(base + "/issuer/api/batches?level=B-B", register, "application/jsonl"))
    path = "/issuer/api/batches/{id}"
    if batch["rows"]["queued"] or batch["rows"]["delivered"]:
        succeeded.add("POST /issuer/api/batches")
    completion["recipient"]["name"] = "\U00010400"  # which no font at hand has: it fails, until there is one
    failed = json.loads(fetch(base + "/issuer/api/batches?level=B-B", json.dumps(completion).encode(), "application/jsonl"))
    for act, state in (("pause", "paused"), ("resume", "running"), ("cancel", "cancelled"), ("retry", "running")):
        if act == "retry":
            batch = failed
            fetch(base + path.format(id=batch["id"]) + "/events")  # to its end
        told = json.loads(fetch(base + path.format(id=batch["id"]) + "/" + act, b"", "application/json"))
        if told["state"] == state:
            succeeded.add("POST %s/%s" % (path, act))
    text = run(find_binary([]), "template", "show", "training").text.replace('id = "training"', 'id = "own"')
    body = json.dumps({"template": text}).encode()
    if json.loads(fetch(base + "/issuer/api/templates/own", body, "application/json", "PUT"))["id"] == "own":
        succeeded.add("PUT /issuer/api/templates/{id}")
    return succeeded


def known(base, client):
    """What no description can say: (path, parameter, a value that leads to something in this world)."""
    issued = json.loads(fetch(base + "/issuer/api/certificates"))["certificates"][0]
    badge = base64.urlsafe_b64decode(fetch(issued["badge"]).split(b".")[1] + b"==").decode()
    reply = fetch(base + "/tsa", openapi_bodies.time_stamp_request(), "application/timestamp-query")
    token = tsp.TimeStampResp.load(reply)["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
    fetch(base + "/testbed/api/worlds/default/save", b'{"file": "default.eseal"}')
    fetch(base + "/testbed/api/worlds/anew", b"{}")
    return [
        ("/issuer/organizations/{id}/profile", "path.id", json.loads(fetch(base + "/issuer/organizations"))["organizations"][0]["id"]),
        ("/testbed/api/crossings", "query.number", issued["number"]),
        ("/testbed/api/worlds/{name}/reset", "path.name", "anew"),
        ("/testbed/api/worlds/{name}/branch", "path.name", "anew"),
        ("/issuer/keys/{name}", "path.name", client["credential_ids"]["badge"]),
        ("/issuer/pictures/{name}", "path.name", re.search("/issuer/pictures/([0-9a-f]+.png)", badge)[1]),
        ("/tsa/api/tokens/{serial}", "path.serial", "%x" % token["serial_number"].native),
        ("/tsa/{unit}", "path.unit", json.loads(fetch(base + "/tsa/api/units"))[0]["name"]),
        ("/testbed/api/worlds/{name}/restore", "body.file", "default.eseal"),
        ("/testbed/api/worlds/{name}/restore", "path.name", "restored"),
    ]


def configuration(folder, base, client):
    """What schemathesis.toml says: who asks, what leads to something, and where an operation is judged by more than its schemas."""
    token = access_token(client)
    (folder / "token").write_text(token)
    text = '[auth.openapi.csc_access_token]\nbearer = "%s"\n' % token
    operations = {path: "" for path in {**MAY_REFUSE, **REFUSE_INSIDE, **ELSEWHERE}}
    for number, (path, parameter, value) in enumerate(known(base, client)):
        text += "[dictionaries.known-%d]\nvalues = [%s]\n" % (number, json.dumps(value))
        operations[path] = operations.get(path, "") + 'parameters."%s" = { dictionary = "known-%d", probability = 0.7 }\n' % (parameter, number)
    for path in operations:
        if path.startswith("/csc/") and "/oauth2/" in path:
            operations[path] += "auth.basic = { username = %s, password = %s }\n" % (json.dumps(client["client_id"]), json.dumps(client["client_secret"]))
    for paths, check, statuses in ((ELSEWHERE, "not_a_server_error", ["2xx", "4xx", 502]),
                                   (MAY_REFUSE, "positive_data_acceptance", ["2xx", "3xx", 400, 401, 403, 404, 409, 410, 422, 429, "5xx"]),
                                   (REFUSE_INSIDE, "negative_data_rejection", ["2xx", "4xx"])):
        for path in paths:
            operations[path] += "checks.%s.expected-statuses = %s\n" % (check, json.dumps(statuses))
    text += "".join('[[operations]]\ninclude-path = "%s"\n%s' % operation for operation in operations.items())
    (folder / "schemathesis.toml").write_text(text)


def access_token(client):
    basic = base64.b64encode(("%s:%s" % (client["client_id"], client["client_secret"])).encode()).decode()
    request = urllib.request.Request(client["token_url"], b"grant_type=client_credentials", {"Authorization": "Basic " + basic})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as response:
        return json.load(response)["access_token"]


def examine(folder, base, document, *options):
    """Runs schemathesis: {operation: the kinds of its findings}, how many operations it tested, and what it printed."""
    (folder / "openapi.json").write_text(json.dumps(document))
    os.environ.update(SCHEMATHESIS_HOOKS="openapi_bodies", PYTHONPATH=str(HERE), PYTHONDONTWRITEBYTECODE="1", NO_PROXY="127.0.0.1")
    said = run(PYTHON / "schemathesis", "--config-file", folder / "schemathesis.toml", "run", folder / "openapi.json", "--url", base,
               "--phases", "examples,coverage,fuzzing", "--checks", ",".join(CHECKS), "--seed", SEED, "--max-examples", EXAMPLES,
               "--generation-database", "none", "--request-timeout", "60", "--continue-on-failure", "--no-color", "--report", "json",
               "--report-json-path", folder / "report.json", *options, cwd=folder)
    report = json.loads((folder / "report.json").read_text())
    findings = {}
    for failure in report["failures"]:
        for operation in failure["operations"]:
            findings.setdefault(operation, []).append(failure["type"])
    return findings, report, said.text


def operations(document):
    return ["%s %s" % (method.upper(), path) for path, item in document["paths"].items() for method in item if method in ("get", "post", "put", "delete")]


def behaviour(report, folder, base, document):
    """Every operation, with no finding, and at least once with success; the clock's at the end."""
    tested, answers, by_hand = 0, folder / "answers", give_up(base) | life(base) | batches(base)
    answers.unlink(missing_ok=True)
    for options in (["--exclude-path", CLOCK], ["--include-path", CLOCK]):
        findings, counts, said = examine(folder, base, document, *options)
        tested += counts["operations"]["tested"]
        for error in counts["errors"]:
            report.answer("error", error["title"], said)
        succeeded = {line.rsplit(" ", 1)[0] for line in answers.read_text().splitlines() if line.rsplit(" ", 1)[1].startswith("2")} | by_hand
        for operation in operations(document):
            if (CLOCK in operation) == (options[0] == "--include-path"):
                kinds = sorted(findings.get(operation, [])) + ([] if operation in succeeded else ["never answered with success"])
                report.answer("behaviour", operation, ", ".join(kinds) or "no finding")
        if findings and os.environ.get("WITNESS_TRACE"):
            print(said)
    report.answer("operations", "tested", "all" if tested == len(operations(document)) else "%d" % tested)


def wrong_type(document):
    document["components"]["schemas"]["HealthAnswer"]["properties"]["time"] = {"type": "integer"}
    return "/healthz"


def status_missing(document):
    responses = document["paths"]["/issuer/api/certificates/{number}"]["get"]["responses"]
    del responses["default"], responses["404"]
    return "/issuer/api/certificates/{number}"


def other_media_type(document):
    content = document["paths"]["/ca/trust.pem"]["get"]["responses"]["200"]["content"]
    content["application/json"] = content.pop("application/pem-certificate-chain")
    return "/ca/trust.pem"


def forbids_too_much(document):
    document["paths"]["/testbed/api/journal"]["get"]["parameters"][1]["schema"]["maximum"] = 10
    return "/testbed/api/journal"


def allows_too_much(document):
    document["components"]["schemas"]["SerialRequest"]["properties"]["serial"].pop("pattern", None)
    return "/ca/api/holds"


def no_token_asked(document):
    document["paths"]["/ca/api/certificates"]["get"]["security"] = [{"csc_access_token": []}]
    return "/ca/api/certificates"


def mutants(report, folder, base, document):
    """A description that is wrong in several places: each is found."""
    changed = copy.deepcopy(document)
    places = {mutant(changed): mutant.__name__ for mutant in
              (wrong_type, status_missing, other_media_type, forbids_too_much, allows_too_much, no_token_asked)}
    findings, _, _ = examine(folder, base, changed, *[word for path in places for word in ("--include-path", path)])
    for path, name in places.items():
        kinds = {kind for operation, kinds in findings.items() if operation.split(" ")[1] == path for kind in kinds}
        report.answer("mutant", name, ", ".join(sorted(kinds)) or "no finding")


def questions(report, _material):
    with tempfile.TemporaryDirectory(prefix="eseal-openapi-") as name:
        folder = Path(name)
        os.environ["OPENAPI_WITNESS_FOLDER"] = name  # read by openapi_bodies, here and in schemathesis
        testbed = Testbed(find_binary([]), folder / "data", folder / "log")
        try:
            document = json.loads(fetch(testbed.base + "/openapi.json"))
            errors = [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()]
            report.answer("document", "openapi.json", "; ".join(errors) or "valid OpenAPI " + document["openapi"])
            configuration(folder, testbed.base, openapi_bodies.client())
            mutants(report, folder, testbed.base, document)
            behaviour(report, folder, testbed.base, document)
            report.answer("stop", "testbed", testbed.stop())
        finally:
            testbed.process.kill()


if __name__ == "__main__":
    hear("openapi", questions)
