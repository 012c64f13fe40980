#!/usr/bin/env python3
"""Two testbeds serve one world from one PostgreSQL database, while each is killed and the database restarted.

    witnesses/two_servers.py [--kills 6] [--eseal BINARY]

Clients stamp, sign, issue, enrol, revoke and ask OCSP at both. Beside them one revokes at one server and asks the other at once, and one
spends a signature authorization at both servers at the same moment. Every few seconds one of the servers is killed with SIGKILL and
started again; once PostgreSQL is stopped without ado and started again. In the end PostgreSQL's own client reads the tables: nothing that
a client holds is missing, no number, serial or token was given twice, the audit chain is whole by hashes that are computed here, and each key
was used as often as its entries say. While something is away, answers are 503 with Retry-After, or OCSP's tryLater, and nothing else.

Prints `pass …` and `FAIL …` lines and a closing line; the exit code is 1 if anything failed.
"""

import argparse
import base64
import hashlib
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
from harness import HERE
from killed import ECDSA_SHA256, SHA256, Held, ask, issue, revoke, sign, stamp, status
from material import find_binary

ENVIRONMENT = dict(os.environ, ESEAL_KEY_PASSPHRASE="two servers, one world")
REVOKED = re.compile(rb"\xa1.\x18\x0f2")  # CertStatus revoked [1] IMPLICIT RevokedInfo, RFC 6960 clause 4.2.1


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """One of the two; started again at the same address."""

    def __init__(self, eseal, data, database):
        self.port = free_port()
        self.address = "127.0.0.1:%d" % self.port
        self.command = [eseal, "up", "--listen", self.address, "--json", "--data", data, "--database", database]
        self.data, self.process = data, None

    def start(self):
        """Starts it; while the database is away it cannot, and is started again."""
        for _ in range(40):
            self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=open(str(self.data) + ".log", "ab"), env=ENVIRONMENT)
            told = json.loads(self.process.stdout.readline() or "{}")
            if "base" in told:
                return
            self.process.wait()
            time.sleep(0.5)
        raise SystemExit("FAIL a server does not start: " + json.dumps(told))

    def kill(self):
        self.process.kill()
        self.process.wait()


class Judge:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, what, fine, found=""):
        self.passed, self.failed = self.passed + bool(fine), self.failed + (not fine)
        print("pass %s" % what if fine else "FAIL %s: %s" % (what, found), flush=True)


class Watched(http.client.HTTPConnection):
    """A connection that notes every answer that a client must not get while something is away."""

    wrong = []

    def getresponse(self):
        answer = super().getresponse()
        if answer.status >= 500 and not (answer.status == 503 and answer.getheader("retry-after")):
            self.wrong.append("%s: %s" % (answer.status, answer.read()[:300].decode("utf-8", "replace")))
        return answer


def client(work, server, held, world, ended):
    connection = Watched(server.address, timeout=20)
    while not ended.is_set():
        try:
            if not world.get("token"):
                world["token"] = login(server)
            work(connection, held, world)
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            connection.close()
            held.broken += 1
            ended.wait(0.05)


def login(server):
    told = json.loads((server.data / "worlds" / "default" / "csc-client.json").read_text())
    form = "grant_type=client_credentials&client_id=%s&client_secret=%s" % (told["client_id"], told["client_secret"])
    answer = ask(Watched(server.address, timeout=20), "POST", "/csc/v2/oauth2/token", form, content_type="application/x-www-form-urlencoded")[1]
    return json.loads(answer)["access_token"]


def ocsp_request(server, serial):
    issuer = server.data / "worlds" / "default" / "trust" / "intermediates.pem"
    command = ["openssl", "ocsp", "-issuer", issuer, "-serial", "0x" + serial, "-no_nonce", "-reqout", "/dev/stdout"]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def seen_at_once(servers, held, world, ended):
    """Revokes at one server, asks the other at once."""
    turn = 0
    while not ended.is_set():
        one, other = servers[turn % 2], servers[(turn + 1) % 2]
        turn += 1
        try:
            before = len(held.revoked)
            revoke(Watched(one.address, timeout=20), held, world)
            if len(held.revoked) == before:
                continue
            request = ocsp_request(one, held.revoked[-1])
            code, answer = ask(Watched(other.address, timeout=20), "POST", "/ca/ocsp", request, content_type="application/ocsp-request")
            if code == 200 and answer[4:7] != b"\x0a\x01\x00" and b"\x0a\x01\x00" not in answer[:12]:
                continue  # tryLater
            if code == 200:
                held.told.append(bool(REVOKED.search(answer)))
        except (OSError, http.client.HTTPException, ValueError):
            ended.wait(0.05)


def spent_once(servers, held, world, ended):
    """Uses one authorization at both servers at the same moment: one of them signs."""
    while not ended.is_set():
        digest = base64.b64encode(os.urandom(32)).decode()
        head = {"authorization": "Bearer " + world["token"], "content_type": "application/json"}
        body = {"credentialID": "seal-p256", "numSignatures": 1, "hashes": [digest], "hashAlgorithmOID": SHA256}
        try:
            code, answer = ask(Watched(servers[0].address, timeout=20), "POST", "/csc/v2/credentials/authorize", json.dumps(body), **head)
            if code != 200:
                continue
            body.update(SAD=json.loads(answer)["SAD"], signAlgo=ECDSA_SHA256)
        except (OSError, http.client.HTTPException, ValueError):
            ended.wait(0.05)
            continue
        signed = []

        def use(server):
            try:
                signed.append(ask(Watched(server.address, timeout=20), "POST", "/csc/v2/signatures/signHash", json.dumps(body), **head)[0])
            except (OSError, http.client.HTTPException):
                signed.append(0)

        both = [threading.Thread(target=use, args=(server,)) for server in servers]
        [one.start() for one in both]
        [one.join() for one in both]
        held.spent.append(signed.count(200))


class Tables:
    """What PostgreSQL's own client reads."""

    def __init__(self, database):
        self.database = database
        self.psql = shutil.which("psql") or sorted(Path("/usr/lib/postgresql").glob("*/bin/psql"))[-1]

    def rows(self, query):
        schema = self.told("SELECT schema FROM eseal.world WHERE name = 'default'").strip()
        text = self.told('SET search_path = "%s"' % schema, query)
        return [line.split("|") for line in text.splitlines() if line]

    def told(self, *queries):
        command = [self.psql, self.database, "-X", "-q", "-t", "-A", "-F", "|"] + [word for query in queries for word in ("-c", query)]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    def column(self, query):
        return [row[0] for row in self.rows(query)]


def judged(judge, tables, held):
    for what, wanted, query in (
        ("token", [one.hex() for one in held.tokens], "SELECT encode(imprint, 'hex') FROM tsa_token"),
        ("certificate", held.certificates, "SELECT number FROM issued_certificate"),
        ("revocation", held.revoked, "SELECT serial FROM ca_fact"),
    ):
        missing = set(wanted) - set(tables.column(query))
        judge.check("each %s that a client holds is in the database (%d)" % (what, len(wanted)), wanted and not missing, "%d missing of %d" % (len(missing), len(wanted)))
    for what, query in (
        ("serial number of a token", "SELECT serial FROM tsa_token"),
        ("serial number of a certificate", "SELECT serial FROM ca_certificate"),
        ("certificate number", "SELECT number FROM issued_certificate"),
        ("number of a CRL", "SELECT issuer || ' ' || number FROM ca_crl"),
    ):
        found = tables.column(query)
        judge.check("no %s was given twice (%d)" % (what, len(found)), found and len(found) == len(set(found)), "%d twice" % (len(found) - len(set(found))))
    judge.check("no client was given another's certificate number", len(held.certificates) == len(set(held.certificates)))
    head, signed, counted, broken, expected = bytes(32), set(), {}, None, 1
    for sequence, text, stored in tables.rows("SELECT sequence, encode(convert_to(entry, 'UTF8'), 'hex'), encode(hash, 'hex') FROM signer_audit ORDER BY sequence"):
        text = bytes.fromhex(text)
        head = hashlib.sha256(head + text).digest()
        if (head.hex() != stored or int(sequence) != expected) and broken is None:
            broken = sequence
        expected += 1
        entry = json.loads(text)
        if entry["event"] in ("signed", "signed-inside"):
            signed.update(entry.get("digests", []))
            counted[entry["key"]] = counted.get(entry["key"], 0) + entry["signatures"]
    judge.check("the audit chain is one, and whole (%d entries)" % (expected - 1), broken is None, "it breaks at %s" % broken)
    missing = [one for one in held.hashes if one not in signed]
    judge.check("each signature that a client holds is in it (%d)" % len(held.hashes), held.hashes and not missing, "%d missing" % len(missing))
    differing = [key for key, uses in tables.rows("SELECT id, uses FROM signer_key WHERE uses > 0") if counted.get(key, 0) != int(uses)]
    judge.check("each key was used as often as it says", not differing, differing)
    judge.check("the other server tells a revocation at once (%d)" % len(held.told), held.told and all(held.told), "%d were told good" % held.told.count(False))
    once, nobody = held.spent.count(1), held.spent.count(0)
    judge.check("an authorization is spent once, whoever asks (%d)" % once, once and max(held.spent) == 1, "%d twice" % sum(count > 1 for count in held.spent))
    wrong = Watched.wrong
    judge.check("whatever is away, answers are 503 with Retry-After", not wrong, "%d others, such as %s" % (len(wrong), wrong[:1]))


def clock_of(server):
    return json.loads(ask(Watched(server.address, timeout=20), "GET", "/testbed/api/clock", None)[1])


def one_clock(judge, servers):
    set_to = json.dumps({"action": "set", "time": "2031-05-01T00:00:00Z"})
    ask(Watched(servers[0].address, timeout=60), "POST", "/testbed/api/clock", json.dumps({"action": "freeze"}), content_type="application/json")
    ask(Watched(servers[0].address, timeout=60), "POST", "/testbed/api/clock", set_to, content_type="application/json")
    found = clock_of(servers[1])
    judge.check("the clock that is set at one is the other's with its next answer", found["time"] == "2031-05-01T00:00:00Z", found)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--kills", type=int, default=6)
    arguments.add_argument("--eseal", type=Path)
    given = arguments.parse_args()
    eseal = (given.eseal or Path(find_binary([]))).resolve()
    work = Path(tempfile.mkdtemp(prefix="two-servers-"))
    work.chmod(0o755)  # PostgreSQL's own user goes through it
    judge, held, ended = Judge(), Held(), threading.Event()
    held.told, held.spent = [], []
    postgres = lambda *words: subprocess.run([HERE / "postgres", *words], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    database = postgres("start", work / "postgres")
    servers = [Server(eseal, work / name, database) for name in ("a", "b")]
    try:
        [server.start() for server in servers]
        key = subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        public = subprocess.run(["openssl", "pkey", "-pubout"], input=key, check=True, stdout=subprocess.PIPE).stdout.decode()
        ocsp = ocsp_request(servers[0], "01")
        worlds = [{"public_key": public, "ocsp": ocsp, "token": login(server)} for server in servers]
        works = [(work_of, server, world) for server, world in zip(servers, worlds) for work_of in (stamp, stamp, sign, sign, issue, revoke, status)]
        threads = [threading.Thread(target=client, args=(one, server, held, world, ended), daemon=True) for one, server, world in works]
        threads += [threading.Thread(target=other, args=(servers, held, worlds[0], ended), daemon=True) for other in (seen_at_once, spent_once)]
        [thread.start() for thread in threads]
        for number in range(given.kills):
            time.sleep(3)
            if number == given.kills // 2:
                postgres("restart", work / "postgres", "immediate")
                time.sleep(3)
            server = servers[number % 2]
            server.kill()
            server.start()
        time.sleep(3)
        ended.set()
        [thread.join(timeout=60) for thread in threads]
        one_clock(judge, servers)
        for server in servers:
            server.process.terminate()
            server.process.wait(timeout=30)
        verdict = subprocess.run([eseal, "audit", "verify", "--data", servers[1].data, "--database", database], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        judge.check("`eseal audit verify` says so too", verdict.returncode == 0, verdict.stdout.strip()[-400:])
        judged(judge, Tables(database), held)
        print("held: %d tokens, %d signatures, %d certificates, %d revocations, %d OCSP answers; refused %s; %d connections broke" % (
            len(held.tokens), len(held.hashes), len(held.certificates), len(held.revoked), held.statuses, held.refused or "nothing", held.broken))
    finally:
        ended.set()
        for server in servers:
            if server.process and server.process.poll() is None:
                server.kill()
        postgres("stop", work / "postgres", "immediate")
        if judge.failed == 0:
            shutil.rmtree(work, ignore_errors=True)
        else:
            print("kept: %s" % work)
    print("%d passed, %d failed, 0 skipped" % (judge.passed, judge.failed))
    return 1 if judge.failed else 0


if __name__ == "__main__":
    sys.exit(main())
