#!/usr/bin/env python3
"""Files for containers and CI, read by PyYAML: they can be read, what they name is there, and every command of eseal in them is understood
by this binary."""

import json
import re
import shlex
import sys

import yaml
from harness import HERE, hear, run
from material import find_binary

ROOT = HERE.parent
WORKFLOW = ROOT / "docs" / "examples" / "github-actions.yml"


def understood(eseal, words):
    """Whether the binary knows the command and its options: help is given only where everything before is known."""
    outcome = run(eseal, *words, "--help")
    return "understood" if outcome.code == 0 else outcome.first("error")


def shell_commands(text):
    """The words of each `eseal …` in a script."""
    for line in text.splitlines():
        for command in re.findall(r"(?:^|until )\s*(eseal [^;|>&]*)", line):
            yield shlex.split(command)[1:]


def dockerfile(report, eseal, text):
    lines = dict(re.findall(r"^(ENTRYPOINT|CMD) (\[.*\])$", text, re.MULTILINE))
    health = re.search(r"^HEALTHCHECK .*CMD (\[.*\])$", text, re.MULTILINE)
    report.answer("dockerfile", "entrypoint", " ".join(json.loads(lines["ENTRYPOINT"])))
    report.answer("dockerfile", "command", understood(eseal, json.loads(lines["CMD"])))
    report.answer("dockerfile", "health", understood(eseal, json.loads(health[1])[1:]))
    report.answer("dockerfile", "user", re.findall(r"^USER (.*)$", text, re.MULTILINE)[-1])
    sources = [word for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE) for word in line.split()[:-1]]
    report.answer("dockerfile", "sources", "there" if all((ROOT / source).exists() for source in sources) else "missing")
    hosts = [image for image in re.findall(r"^FROM (\S+)", text, re.MULTILINE) if "/" in image]
    report.answer("dockerfile", "images", ", ".join(hosts) or "plain names")


def compose(report, eseal, text):
    services = yaml.safe_load(text)["services"]
    report.answer("compose", "services", ", ".join(sorted(services)))
    report.answer("compose", "command", understood(eseal, services["testbed"]["command"]))
    volumes = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    report.answer("compose", "volumes", "declared" if volumes <= set(yaml.safe_load(text)["volumes"]) else "undeclared")
    loopback = all(port.startswith("127.0.0.1:") for port in services["testbed"]["ports"])
    report.answer("compose", "ports", "loopback" if loopback else "open")


def workflow(report, eseal, text):
    steps = [step for job in yaml.safe_load(text)["jobs"].values() for step in job["steps"]]
    commands = [words for step in steps for words in shell_commands(step.get("run", ""))]
    report.answer("workflow", "commands", "some" if len(commands) >= 5 else "%d" % len(commands))
    wrong = [" ".join(words) for words in commands if understood(eseal, words) != "understood"]
    report.answer("workflow", "understood", ", ".join(wrong) or "all")


def questions(report, material):
    eseal = find_binary(sys.argv)
    dockerfile(report, eseal, (ROOT / "Dockerfile").read_text())
    compose(report, eseal, (ROOT / "compose.yaml").read_text())
    workflow(report, eseal, WORKFLOW.read_text())
    report.answer("mutant", "option", understood(eseal, ["up", "--exposed"]))
    report.answer("mutant", "command", understood(eseal, ["halt"]))


if __name__ == "__main__":
    hear("containers", questions)
