#!/usr/bin/env python3
"""Kills a testbed under load, again and again, and looks whether everything that a client holds is written down.

    witnesses/killed.py [--rounds 50] [--full] [--eseal BINARY]

Each round starts a copy of one world, lets clients stamp, sign, revoke, ask OCSP and issue at once, kills the server with SIGKILL and reads
the database with Python's own SQLite: each token's imprint stands in the register, each signed hash in the audit chain, each
certificate and each revocation in its table; the chain's hashes are computed anew, each key was used as often as its entries
say, and on a small disk not less often than it answered. With `--full` the world lies in a small file system (tmpfs, which
needs root) that fills up in between; after the kill there is room again, and the world must go on issuing. Prints a line a
round and a closing line; the exit code is 1 if anything was lost, or if over all rounds nothing of a kind was held.
"""

import argparse
import base64
import hashlib
import http.client
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
from harness import HERE
from material import find_binary

ROOM, MORE = 20 << 20, 80 << 20  # of the small file system: the world of two megabytes, its log, and what is issued; and afterwards
SHA256, ECDSA_SHA256 = "2.16.840.1.101.3.4.2.1", "1.2.840.10045.4.3.2"
COMPLETION = (HERE.parent / "examples" / "certificate.json").read_bytes()


class Held:
    """What clients hold, and how often they were refused."""

    def __init__(self):
        self.tokens, self.hashes, self.certificates, self.revoked = [], [], [], []
        self.statuses, self.refused, self.broken, self.uncounted = 0, {}, 0, 0

    def refuse(self, what):
        self.refused[what] = self.refused.get(what, 0) + 1

    def count(self):
        return len(self.tokens) + len(self.hashes) + len(self.certificates) + len(self.revoked) + self.statuses


def ask(connection, method, path, body, **headers):
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    return answer.status, answer.read()


def stamp(connection, held, world):
    imprint = os.urandom(32)
    der = bytes.fromhex("3036020101" + "3031300d060960864801650304020105000420") + imprint  # TimeStampReq, version 1, SHA-256
    status, answer = ask(connection, "POST", "/tsa", der, content_type="application/timestamp-query")
    if status == 200 and imprint in answer:
        held.tokens.append(imprint)
    else:
        held.refuse("stamp")


def sign(connection, held, world):
    digest = os.urandom(32)
    head = {"authorization": "Bearer " + world["token"], "content_type": "application/json"}
    body = {"credentialID": "seal-p256", "numSignatures": 1, "hashes": [base64.b64encode(digest).decode()], "hashAlgorithmOID": SHA256}
    status, answer = ask(connection, "POST", "/csc/v2/credentials/authorize", json.dumps(body), **head)
    if status != 200:
        return held.refuse("authorize %d" % status)
    body.update(SAD=json.loads(answer)["SAD"], signAlgo=ECDSA_SHA256)
    status, answer = ask(connection, "POST", "/csc/v2/signatures/signHash", json.dumps(body), **head)
    if status != 200:
        return held.refuse("sign %d" % status)
    held.hashes.append(digest.hex())


def issue(connection, held, world):
    status, answer = ask(connection, "POST", "/issuer/api/certificates?level=B-B", COMPLETION, content_type="application/json")
    if status != 201:
        return held.refuse("issue %d" % status)
    held.certificates.append(json.loads(answer)["number"])


def revoke(connection, held, world):
    enrolled = {"profile": "seal", "public_key_pem": world["public_key"],
                "subject": {"organization": "Killed", "organization_identifier": "NTRJP-9234567890123", "common_name": "Killed"}}
    status, answer = ask(connection, "POST", "/ca/api/certificates", json.dumps(enrolled), content_type="application/json")
    if status != 201:
        return held.refuse("enrol %d" % status)
    body = {"serial": json.loads(answer)["serial"], "reason": "superseded"}
    status, answer = ask(connection, "POST", "/ca/api/revocations", json.dumps(body), content_type="application/json")
    if status != 200:
        return held.refuse("revoke %d" % status)
    held.revoked.append(body["serial"])


def status(connection, held, world):
    code, answer = ask(connection, "POST", "/ca/ocsp", world["ocsp"], content_type="application/ocsp-request")
    if code == 200 and answer[:1] == b"\x30" and b"\x0a\x01\x00" in answer[:12]:
        held.statuses += 1
    else:
        held.refuse("ocsp")


def client(work, address, held, world, ended):
    """Asks until the server is gone, without waiting for anything else."""
    connection = http.client.HTTPConnection(address, timeout=20)
    while not ended.is_set():
        try:
            work(connection, held, world)
        except (OSError, http.client.HTTPException, ValueError):
            connection.close()
            held.broken += 1
            if ended.wait(0.01):
                return


def start(eseal, data):
    server = subprocess.Popen([eseal, "up", "--listen", "127.0.0.1:0", "--json", "--data", data],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    told = json.loads(server.stdout.readline())
    until = time.monotonic() + 10
    while not (data / "running.json").exists() and time.monotonic() < until:
        time.sleep(0.005)
    return server, told["base"].split("//")[1]


def prepared(eseal, data):
    """The world that every round begins with, and what its clients need."""
    subprocess.run([eseal, "up", "--once", "--data", data], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    folder = data / "worlds" / "default"
    certificates = (folder / "trust" / "seal.pem").read_text()
    pem = lambda *command, given=None: subprocess.run(["openssl", *command], input=given, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    serial = pem("x509", "-noout", "-serial", given=certificates.encode()).decode().strip().split("=")[1]
    key = pem("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    request = pem("ocsp", "-issuer", folder / "trust" / "intermediates.pem", "-serial", "0x" + serial, "-no_nonce", "-reqout", "/dev/stdout")
    return {"public_key": pem("pkey", "-pubout", given=key).decode(), "ocsp": request}


def login(address, data):
    told = json.loads((data / "worlds" / "default" / "csc-client.json").read_text())
    form = "grant_type=client_credentials&client_id=%s&client_secret=%s" % (told["client_id"], told["client_secret"])
    status, answer = ask(http.client.HTTPConnection(address, timeout=20), "POST", "/csc/v2/oauth2/token", form, content_type="application/x-www-form-urlencoded")
    return json.loads(answer)["access_token"]


def lost(data, held, full):
    """What a client holds and nothing is written of."""
    database = sqlite3.connect(data / "worlds" / "default" / "world.db")
    column = lambda query: [row[0] for row in database.execute(query)]
    missing = []
    for what, wanted, there in (
        ("token", held.tokens, column("SELECT imprint FROM tsa_token")),
        ("certificate", held.certificates, column("SELECT number FROM issued_certificate")),
        ("revocation", held.revoked, column("SELECT serial FROM ca_fact")),
    ):
        there = set(there)
        missing += ["%s %s" % (what, one) for one in wanted if one not in there]
    head, signed, counted = bytes(32), set(), {}
    for sequence, text, stored in database.execute("SELECT sequence, entry, hash FROM signer_audit ORDER BY sequence"):
        head = hashlib.sha256(head + text.encode()).digest()
        if head != stored:
            return ["the audit chain breaks at %d" % sequence]
        entry = json.loads(text)
        if entry["event"] in ("signed", "signed-inside"):
            signed.update(entry.get("digests", []))
            counted[entry["key"]] = counted.get(entry["key"], 0) + entry["signatures"]
    missing += ["signature over %s" % one for one in held.hashes if one not in signed]
    for key, uses in database.execute("SELECT id, uses FROM signer_key WHERE uses > 0"):
        if counted.get(key, 0) != uses:
            missing.append("%s was used %d times, audited %d" % (key, uses, counted.get(key, 0)))
    # Signatures of the testbed's own authorities are counted a moment later where there is plenty of room, else before they leave.
    for label, answers in (("tsa", len(held.tokens)), ("ca/issuing/ocsp", held.statuses)):
        count, = database.execute("SELECT TOTAL(uses) FROM signer_key WHERE label LIKE ?", (label + "%",)).fetchone()
        held.uncounted += max(0, answers - int(count))
    if full and held.uncounted:
        missing.append("%d answers left before they were counted" % held.uncounted)
    database.close()
    return missing


def play(eseal, base, data, world, full, seed):
    """One round: what was held, and what of it was lost."""
    dice = random.Random(seed)
    shutil.copytree(base, data)
    server, address = start(eseal, data)
    held, ended = Held(), threading.Event()
    try:
        world = dict(world, token=login(address, data))
    except Exception:
        server.kill()
        raise
    works = [stamp, stamp, sign, sign, issue, revoke, status]
    threads = [threading.Thread(target=client, args=(work, address, held, world, ended), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    time.sleep(dice.uniform(0.2, 1.0))
    if full:
        fill(data.parent / "fill", leave=dice.choice([0, 0, 4096, 65536, 1 << 20]))
        time.sleep(dice.uniform(0.1, 0.8))
    server.send_signal(signal.SIGKILL)
    server.wait()
    ended.set()
    for thread in threads:
        thread.join()
    if full:
        (data.parent / "fill").unlink(missing_ok=True)
        resize(data.parent, MORE)
    missing = lost(data, held, full)
    again = subprocess.run([eseal, "issue", HERE.parent / "examples" / "certificate.json", "--level", "B-T", "--data", data],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if again.returncode != 0:
        missing.append("the world does not go on: " + again.stdout.strip())
    return held, missing


def resize(disk, size):
    subprocess.run(["mount", "-o", "remount,size=%d" % size, disk], check=True)


def fill(file, leave):
    free = os.statvfs(file.parent)
    with open(file, "wb", buffering=0) as out:
        room = free.f_bavail * free.f_frsize - leave
        try:
            while room > 0:
                room -= out.write(bytes(min(65536, room)))
        except OSError:
            pass  # others were faster


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=50)
    arguments.add_argument("--full", action="store_true")
    arguments.add_argument("--eseal", type=Path)
    given = arguments.parse_args()
    eseal = (given.eseal or Path(find_binary([]))).resolve()
    work = Path(tempfile.mkdtemp(prefix="killed-"))
    disk = work / "disk"
    disk.mkdir()
    if given.full:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%d" % ROOM, "tmpfs", disk], check=True)
    bad = total = refusals = 0
    kinds = dict.fromkeys(("tokens", "signatures", "certificates", "revocations", "OCSP answers"), 0)
    try:
        world = prepared(eseal, work / "base")
        for number in range(1, given.rounds + 1):
            data = disk / "data"
            held, missing = play(eseal, work / "base", data, world, given.full, number)
            total, refusals, bad = total + held.count(), refusals + sum(held.refused.values()), bad + len(missing)
            found = (len(held.tokens), len(held.hashes), len(held.certificates), len(held.revoked), held.statuses)
            for kind, count in zip(kinds, found):
                kinds[kind] += count
            print("round %d: %d tokens, %d signatures, %d certificates, %d revocations, %d OCSP answers (%d not counted yet); refused %s; lost %d" % (
                number, *found, held.uncounted, held.refused or "nothing", len(missing)), flush=True)
            for one in missing[:5]:
                print("  FAIL " + one)
            shutil.rmtree(data)
            if given.full:
                resize(disk, ROOM)
    finally:
        if given.full:
            subprocess.run(["umount", disk])
        shutil.rmtree(work, ignore_errors=True)
    print("%d kills%s: %d answers held, %d refused, %d lost" % (given.rounds, " on a disk that fills" if given.full else "", total, refusals, bad))
    unseen = [kind for kind, count in kinds.items() if count == 0]
    if unseen:
        print("FAIL nothing was held of: " + ", ".join(unseen))
    return 1 if bad or unseen else 0


if __name__ == "__main__":
    sys.exit(main())
