#!/usr/bin/env python3
"""actionlint reads the workflow for GitHub Actions that the pages show, and one that is wrong in two places."""

from harness import HERE, TOOLS, hear, run

ACTIONLINT = TOOLS / "go" / "actionlint"
WORKFLOW = HERE.parent / "docs" / "examples" / "github-actions.yml"


def finding(path):
    outcome = run(ACTIONLINT, "-no-color", path)
    return "no finding" if outcome.code == 0 else outcome.first(r"\S")


def questions(report, material):
    report.answer("workflow", "github-actions.yml", finding(WORKFLOW))
    for name, right, wrong in (("member", "runs-on:", "run-on:"), ("expression", "github.workspace", "github.work_space")):
        broken = material.scratch("actionlint") / (name + ".yml")
        broken.write_text(WORKFLOW.read_text().replace(right, wrong, 1))
        report.answer("mutant", name, finding(broken))


if __name__ == "__main__":
    hear("actionlint", questions)
