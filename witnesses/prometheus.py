#!/usr/bin/env python3
"""Prometheus' own Python library reads `/metrics`: of the whole server, and of one world. Mutants show that it can say no."""

from harness import fetch, hear
from prometheus_client.parser import text_string_to_metric_families


def problem(text):
    """What is wrong with a page by the library and by what Prometheus asks of names and histograms; `valid` if nothing is."""
    seen = set()
    try:
        for family in text_string_to_metric_families(text):
            if family.type == "unknown" or not family.documentation:
                return "%s has no type or no help" % family.name
            for sample in family.samples:
                key = (sample.name, tuple(sorted(sample.labels.items())))
                if key in seen:
                    return "%s comes twice" % sample.name
                seen.add(key)
            if family.type == "histogram" and not cumulates(family):
                return "%s does not cumulate" % family.name
    except ValueError as wrong:
        return "ValueError: %s" % wrong
    return "valid" if seen else "nothing in it"


def cumulates(family):
    """Whether each histogram's buckets grow to its count."""
    series, counts = {}, {}
    for sample in family.samples:
        labels = tuple(sorted((name, value) for name, value in sample.labels.items() if name != "le"))
        if sample.name.endswith("_bucket"):
            series.setdefault(labels, []).append((float(sample.labels["le"]), sample.value))
        elif sample.name.endswith("_count"):
            counts[labels] = sample.value
    return bool(series) and all(
        [value for _, value in sorted(buckets)] == sorted(value for _, value in buckets)
        and max(buckets) == (float("inf"), counts[labels]) for labels, buckets in series.items())


def value(text, name, /, **labels):
    """The value of a sample with at least these labels; the sum if there are several."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples if sample.name == name]
    return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())


def questions(report, material):
    base = material.base()
    fetch(base + "/ca/trust.pem")
    before = fetch(base + "/metrics").decode()
    for _ in range(3):
        fetch(base + "/ca/trust.pem")
    text = fetch(base + "/metrics").decode()
    report.answer("page", "server", problem(text))
    asked = {"world": "default", "service": "ca", "status": "2xx"}
    report.answer("counted", "three-requests", str(int(value(text, "eseal_requests_total", **asked) - value(before, "eseal_requests_total", **asked))))
    report.answer("worlds", "open", "some" if value(text, "eseal_worlds", state="open") >= 1 else "none")
    root = value(text, "eseal_certificate_days_left", world="default", kind="authority", name="root")
    report.answer("certificate", "root", "some thousand days" if root > 1000 else "%f days" % root)
    line = next(line for line in text.splitlines() if line.startswith("eseal_requests_total{"))
    report.answer("mutant", "a-sample-twice", problem(text.replace(line, line + "\n" + line, 1)))
    report.answer("mutant", "no-number", problem(text.replace(line, line.rsplit(" ", 1)[0] + " many", 1)))
    report.answer("mutant", "no-type", problem(text.replace("# TYPE eseal_requests_total counter\n", "", 1)))
    last = next(line for line in text.splitlines() if 'le="+Inf"' in line)
    report.answer("mutant", "a-bucket-too-small", problem(text.replace(last, last.rsplit(" ", 1)[0] + " 0", 1)))


if __name__ == "__main__":
    hear("prometheus", questions)
