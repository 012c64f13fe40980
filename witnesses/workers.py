#!/usr/bin/env python3
"""Three workers issue one batch over a PostgreSQL database, and every second one of them is killed.

    witnesses/workers.py [--rows 400] [--kills 20] [--eseal BINARY]

A server takes the batch and is killed itself; workers are killed with SIGKILL in turn and started again. In the end PostgreSQL's own client reads
the tables: each row is delivered, each has a certificate of its own, each certificate belongs to one row, no number was taken that has none,
and the SHA-256 of each kept file is the one that its row tells.

Prints `pass ...` and `FAIL ...` lines and a closing line; the exit code is 1 if anything failed.
"""

import argparse
import http.client
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
from harness import HERE
from killed import ask
from material import find_binary
from two_servers import ENVIRONMENT, Judge, Server, Tables


class Worker:
    """One of the three."""

    def __init__(self, eseal, data, database):
        self.command = [eseal, "worker", "--json", "--data", data, "--database", database]
        self.data, self.process = data, None

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=open(str(self.data) + ".log", "ab"), env=ENVIRONMENT)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=60)


def register(rows):
    data = json.loads((HERE.parent / "examples" / "certificate.json").read_text())
    for row in range(rows):
        data["recipient"]["identifier"] = "student%d@example.ac.jp" % row
        yield json.dumps(data, ensure_ascii=False)


def judged(judge, tables, rows):
    states = tables.rows("SELECT state, COUNT(*) FROM batch_row GROUP BY state")
    judge.check("each of %d rows is delivered" % rows, states == [["delivered", str(rows)]], states)
    numbers = tables.column("SELECT number FROM batch_row")
    judge.check("no number was given to two rows", len(set(numbers)) == rows, "%d numbers" % len(set(numbers)))
    people = tables.column("SELECT completion::json->'recipient'->>'identifier' FROM issued_certificate WHERE number IN (SELECT number FROM batch_row)")
    judge.check("each person has one certificate", len(people) == len(set(people)) == rows, "%d of %d" % (len(set(people)), len(people)))
    more = tables.column("SELECT number FROM issued_certificate WHERE number NOT IN (SELECT number FROM batch_row)")
    judge.check("nothing else was issued but the first certificate", len(more) == 1, more)
    judge.check("each number that was taken has its certificate", not tables.rows("SELECT serial FROM number_taken"))
    other = tables.column("SELECT r.number FROM batch_row r JOIN issued_certificate c ON c.number = r.number WHERE encode(sha256(c.pdf), 'hex') <> r.sha256")
    judge.check("each file is the one that its row tells", not other, other)
    twice = tables.rows("SELECT COUNT(*) FROM batch_row WHERE attempts > 1")
    judge.check("some rows were taken over from workers that were killed (%s)" % twice[0][0], twice[0][0] != "0")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=400)
    arguments.add_argument("--kills", type=int, default=20)
    arguments.add_argument("--eseal", type=Path)
    given = arguments.parse_args()
    eseal = (given.eseal or Path(find_binary([]))).resolve()
    work = Path(tempfile.mkdtemp(prefix="workers-"))
    work.chmod(0o755)  # PostgreSQL's own user goes through it
    postgres = lambda *words: subprocess.run([HERE / "postgres", *words], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    database = postgres("start", work / "postgres")
    judge, server = Judge(), Server(eseal, work / "server", database)
    workers = [Worker(eseal, work / ("worker%d" % number), database) for number in range(3)]
    try:
        server.start()
        body = "\n".join(register(given.rows)).encode()
        connection = http.client.HTTPConnection(server.address, timeout=60)
        status, _ = ask(connection, "POST", "/issuer/api/batches?name=workers.jsonl", body, content_type="application/jsonl")
        judge.check("the batch is taken", status == 202, status)
        server.kill()
        [worker.start() for worker in workers]
        for kill in range(given.kills):
            time.sleep(1)
            workers[kill % 3].kill()
            workers[kill % 3].start()
        tables, deadline = Tables(database), time.monotonic() + 300
        while tables.column("SELECT state FROM batch") != ["done"] and time.monotonic() < deadline:
            time.sleep(0.5)
        judged(judge, tables, given.rows)
        workers[0].process.stdout.readline()  # it has begun
        ended = workers[0].stop()
        judge.check("a worker that is told to stop ends as a server does", ended == 0, ended)
    finally:
        [worker.process and worker.kill() for worker in workers]
        if server.process.poll() is None:
            server.kill()
        postgres("stop", work / "postgres", "immediate")
        shutil.rmtree(work, ignore_errors=True)
    print("%d passed, %d failed, 0 skipped" % (judge.passed, judge.failed))
    sys.exit(judge.failed > 0)


main()
