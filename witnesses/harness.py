"""What every witness script shares: the material, the table of expected answers, and the lines that are printed.

A witness script asks an outside program a question about a subject (a file, a certificate), and hands the program's own
words to `Report.answer`. `expected.tsv` says which words are right. So each check has three ways to fail: another answer
than the expected one, an answer that nobody wrote down, and an expected answer that nobody gave.
"""

import json
import os
import re
import select
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.request
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOOLS = HERE.parent / ".witnesses"
PYTHON = TOOLS / "python" / "bin"
DSS_JAR = TOOLS / "dss" / "target" / "dss-witness.jar"
VERAPDF_JAR = TOOLS / "verapdf" / "target" / "verapdf-witness.jar"
WALLET_JAR = TOOLS / "wallet" / "target" / "wallet-witness.jar"
GO_TLS_CLIENT = TOOLS / "goclient" / "goclient"
GO_CLIENT = TOOLS / "tsclient" / "tsclient"
BROWSER = TOOLS / "browser" / "node_modules" / "playwright-core" / "package.json"
JAVA = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx1g"]  # short runs: no second compiler, no GC threads

if os.environ.get("FAKETIME"):  # Python 3.11 sleeps until a time of the monotonic clock; libfaketime moves that time even where it leaves the clock alone
    time.sleep = lambda seconds: select.select([], [], [], seconds)


class Outcome:
    """What a finished command said: `out` (stdout), `text` (stdout and stderr) and its exit `code`."""

    def __init__(self, out, err, code):
        self.out, self.text, self.code = out, out + err, code

    def lines(self):
        return [line.strip() for line in self.text.splitlines() if line.strip()]

    def first(self, *patterns):
        """The first line that holds one of the patterns, whole; all of the text in one line if none does."""
        for pattern in patterns:
            for line in self.lines():
                if re.search(pattern, line):
                    return line
        return " / ".join(self.lines()) or "(nothing, exit code %d)" % self.code


def run(*command, input=None, cwd=None, timeout=300):
    """Runs an outside program in the C locale and UTC. Its exit code is only reported: most of these programs
    exit with 0 for answers that mean no."""
    environment = dict(os.environ, LC_ALL="C.UTF-8", TZ="UTC")
    done = subprocess.run([str(word) for word in command], input=input, cwd=cwd, timeout=timeout, env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return Outcome(done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"), done.returncode)


def go_client(*words):
    """Our program of Go, which is told the time: it asks the kernel else, and not libfaketime."""
    return run(GO_TLS_CLIENT, datetime.now(timezone.utc).isoformat(), *words)


def forked(entry, *words, cwd=None):
    """Runs the main function of a command written in Python in a process of its own, forked from this one: as apart as a
    started program, but what it imports is loaded only once."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            code = 70
            try:
                os.dup2(out.fileno(), 1)
                os.dup2(err.fileno(), 2)
                os.chdir(cwd or ".")
                sys.argv = [entry.__module__] + [str(word) for word in words]
                code = entry() or 0
            except SystemExit as stop:
                code = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        texts = [(file.seek(0), file.read().decode("utf-8", "replace"))[1] for file in (out, err)]
        return Outcome(*texts, os.waitstatus_to_exitcode(status))


def fetch(url, body=None, content_type=None, method=None):
    """One HTTP request without any library: GET, or POST if there is a body, unless a method is named."""
    request = urllib.request.Request(url, data=body, method=method, headers={"Content-Type": content_type} if content_type else {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as response:
        return response.read()


def openssl_reasons(text):
    """The reasons in OpenSSL's error queue lines (`…:error:CODE:library:function:reason:file:line:`), in order."""
    rows = [line.split(":") for line in text.splitlines() if ":error:" in line]
    return [row[5] for row in rows if len(row) > 5]


class Material:
    """The folder that `material.py` made: worlds with their addresses and trust files, and documents."""

    def __init__(self, folder):
        self.folder = Path(folder).resolve()
        facts = json.loads((self.folder / "material.json").read_text())
        self.worlds = facts["worlds"]
        self.documents = facts["documents"]
        self.facts = facts

    def base(self, world="main"):
        return self.worlds[world]["base"]

    def data(self, world="main"):
        return Path(self.worlds[world]["data"])

    def trust(self, name, world="main"):
        """`root`, `intermediates`, `all`, `tsa` or `seal`: a PEM file in the world's trust folder."""
        return self.data(world) / "worlds" / "default" / "trust" / (name + ".pem")

    def of_world(self, world):
        return [document for document in self.documents if document["world"] == world]

    def scratch(self, name):
        """An empty folder for a witness's own files."""
        folder = self.folder / "scratch" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


class Expected:
    """The rows of `expected.tsv` for one witness. Subjects and answers may hold `*` for any text; a subject may
    list alternatives with `|`. The first row that fits counts."""

    def __init__(self, witness):
        self.rows = []
        for line in (HERE / "expected.tsv").read_text().splitlines():
            if line and not line.startswith("#"):
                name, question, subject, answer = line.split("\t")
                if name == witness:
                    self.rows.append({"question": question, "subject": subject, "answer": answer, "asked": 0})

    def row(self, question, subject):
        for row in self.rows:
            if row["question"] == question and any(fits(one, subject) for one in row["subject"].split("|")):
                row["asked"] += 1
                return row
        return None


def fits(pattern, text):
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), text, re.DOTALL) is not None


class Report:
    """Prints one line an answer and a closing line, and gives the exit code."""

    def __init__(self, witness):
        self.witness, self.expected = witness, Expected(witness)
        self.passed = self.failed = self.skipped = 0

    def answer(self, question, subject, said):
        """Judges the outside program's words `said` by the table."""
        said = " ".join(str(said).split())
        row = self.expected.row(question, subject)
        if row and fits(row["answer"], said):
            self.passed += 1
            print("pass %s %s %s: %s" % (self.witness, question, subject, said[:300]), flush=True)
        else:
            wanted = 'wanted "%s"' % row["answer"] if row else "no expected answer is written down"
            self.fail("%s %s: %s, the answer was: %s" % (question, subject, wanted, said[:2000]))

    def fail(self, words):
        self.failed += 1
        print("FAIL %s %s" % (self.witness, words), flush=True)

    def skip(self, words, is_witness=True):
        """A part that could not be asked. Never a pass; a failure where every witness is required, if it is one that is missing."""
        if is_witness and os.environ.get("REQUIRE_WITNESSES") == "1":
            return self.fail("is required: " + words)
        self.skipped += 1
        print("skipped %s %s" % (self.witness, words), flush=True)

    def finish(self):
        """Afterwards the counts are final: answers that are expected and that nobody gave have been added."""
        for row in self.expected.rows:
            if not row["asked"] and not self.skipped:
                self.fail("%s %s: an answer is expected, and nobody asked" % (row["question"], row["subject"]))

    def close(self):
        self.finish()
        print("%d passed, %d failed, %d skipped" % (self.passed, self.failed, self.skipped), flush=True)
        return 1 if self.failed else 0


def hear(witness, questions):
    """The main function of a witness script: `SCRIPT MATERIAL-FOLDER`."""
    if len(sys.argv) != 2:
        sys.exit("usage: %s MATERIAL    (a folder made by witnesses/material.py, its testbed still running)" % sys.argv[0])
    report = Report(witness)
    try:
        questions(report, Material(sys.argv[1]))
    except Exception as error:  # a witness that breaks off has not been heard
        report.fail("broke off: %s: %s" % (type(error).__name__, error))
        if os.environ.get("WITNESS_TRACE"):
            raise
    sys.exit(report.close())
