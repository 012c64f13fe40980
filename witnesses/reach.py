#!/usr/bin/env python3
"""Clients that reach an exposed testbed: OpenSSL and curl over TLS, with and without token and client certificate, and the same programs in a network
namespace of their own, from where 127.0.0.1 is another machine. They know the address that stands in certificates, and nothing else.

    reach.py FOLDER    for its own files; it starts a testbed of its own

The namespace needs root and `ip`: without them that part is skipped by name.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from harness import Report, run
from material import find_binary

TOKEN = "a-token-that-the-witness-knows"
OUTSIDE, INSIDE = "10.231.77.1", "10.231.77.2"  # the two ends of a wire
SUITES = ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305"]


@contextmanager
def wire(report):
    """A namespace at the end of a wire; gives the words that run a command there, or none."""
    if os.geteuid() != 0 or not shutil.which("ip"):
        report.skip("namespace: it needs root and `ip`")
        yield None
        return
    name, here, there = "eseal-%d" % os.getpid(), "es%dh" % (os.getpid() % 100000), "es%dt" % (os.getpid() % 100000)
    steps = [
        ["netns", "add", name], ["link", "add", here, "type", "veth", "peer", "name", there],
        ["link", "set", there, "netns", name], ["addr", "add", OUTSIDE + "/30", "dev", here], ["link", "set", here, "up"],
        ["-n", name, "addr", "add", INSIDE + "/30", "dev", there], ["-n", name, "link", "set", there, "up"],
        ["-n", name, "link", "set", "lo", "up"],
    ]
    try:
        made = all(run("ip", *step).code == 0 for step in steps)
        if not made:
            report.skip("namespace: the system makes none here", is_witness=False)
        yield ["ip", "netns", "exec", name] if made else None
    finally:
        run("ip", "netns", "del", name)
        run("ip", "link", "del", here)


@contextmanager
def testbed(binary, folder, *options):
    """An exposed testbed; gives what it tells of itself."""
    environment = dict(os.environ, ESEAL_TOKEN=TOKEN)
    server = subprocess.Popen([binary, "up", "--json", "--expose", "--data", folder, *options], env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        yield json.loads(server.stdout.readline())
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=20)


def free_port():
    with socket.socket() as one:
        one.bind(("", 0))
        return one.getsockname()[1]


def handshake(address, root, *options):
    """How OpenSSL ended a handshake: protocol, suite and its verdict on the certificate, or the alert that it was sent."""
    said = run("openssl", "s_client", "-connect", address, "-CAfile", root, "-verify_return_error", *options, input=b"GET /healthz HTTP/1.0\r\n\r\n").text
    alert = re.search(r"alert ([a-z ]+):", said)
    if alert:
        return "alert " + alert.group(1)
    made, verdict = re.search(r"New, (\S+), Cipher is (\S+)", said), re.search(r"Verif\w* return code: (.*)|Verification: (OK)", said)
    return "%s %s, %s" % (*made.groups(), (verdict.group(1) or verdict.group(2)) if verdict else "?") if made else said


def status(address, *options, within=()):
    return run(*within, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", *options, address).out


def over_tls(report, https, root):
    address = https.split("//")[1]
    for suite in SUITES:
        report.answer("tls-1.2", suite, handshake(address, root, "-tls1_2", "-cipher", suite))
    report.answer("tls-1.2", "rsa-key-transport", handshake(address, root, "-tls1_2", "-cipher", "AES128-GCM-SHA256"))
    report.answer("tls-1.3", "any", handshake(address, root, "-tls1_3"))
    report.answer("name", "localhost", handshake(address, root, "-verify_hostname", "localhost"))
    report.answer("name", "another", handshake(address, root, "-verify_hostname", "other.example"))
    report.answer("plain", "at-the-port-of-tls", status("http://" + address + "/healthz"))
    for name, header in (("none", []), ("wrong", ["-H", "Authorization: Bearer wrong-wrong-wrong"]), ("right", ["-H", "Authorization: Bearer " + TOKEN])):
        report.answer("token", name, status(https + "/testbed/api/clock", "--cacert", root, *header))
        report.answer("protocol", name, status(https + "/ca/ocsp/MAo=", "--cacert", root, *header))
    info = run("curl", "-s", "--cacert", root, "-H", "Content-Type: application/json", "-d", "{}", https + "/csc/v2/info").out
    report.answer("csc", "info", json.loads(info)["oauth2"].replace(https, "HTTPS"))


def client_certificates(report, eseal, https, root, scratch):
    address, clock = https.split("//")[1], https + "/testbed/api/clock"
    for name in ("alice", "bob"):
        report.answer("made", name, "exit code %d" % eseal("client-cert", name, "--out", scratch / (name + ".pem")).code)
    mode = (scratch / "alice.pem").stat().st_mode & 0o777
    report.answer("made", "mode", oct(mode))
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=mallory", "-days", "9", "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", scratch / "key", "-out", scratch / "certificate")
    (scratch / "mallory.pem").write_text((scratch / "key").read_text() + (scratch / "certificate").read_text())
    report.answer("revoked", "bob", "exit code %d" % eseal("revoke", scratch / "bob.pem", "--reason", "keyCompromise").code)
    other = scratch / "other"  # its authorities have the same names, and other keys
    report.answer("made", "elsewhere", "exit code %d" % eseal("up", "--once", "--listen", "127.0.0.1:0", data=other).code)
    report.answer("made", "carol", "exit code %d" % eseal("client-cert", "carol", "--out", scratch / "carol.pem", data=other).code)
    for name in ("alice", "bob", "mallory", "carol"):
        pem = scratch / (name + ".pem")
        report.answer("client", name, status(clock, "--cacert", root, "--cert", pem))
        report.answer("handshake", name, handshake(address, root, "-tls1_2", "-cert", pem, "-key", pem).split(" ECDHE")[0])
    report.answer("client", "none", status(clock, "--cacert", root))
    journal = json.loads(run("curl", "-s", "--cacert", root, "--cert", scratch / "alice.pem", https + "/testbed/api/journal").out)
    callers = {one["caller"] for one in journal["exchanges"] if one["path"] == "/testbed/api/clock"}
    report.answer("journal", "alice", ", ".join(sorted(caller for caller in callers if "alice" in caller)) or "(nobody)")


def from_elsewhere(report, within, base, https, root, trust, scratch):
    """What unmodified clients do that find addresses in certificates."""
    chain, seal = trust / "intermediates.pem", scratch / "seal.pem"
    seal.write_text((trust / "seal.pem").read_text().split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n")
    address = run("openssl", "x509", "-in", seal, "-noout", "-ocsp_uri").out.strip()
    report.answer("address", "in-certificates", address.replace(base, "BASE"))
    said = run(*within, "openssl", "ocsp", "-issuer", chain, "-cert", seal, "-url", address, "-CAfile", root, "-verify_other", chain)
    report.answer("ocsp", "elsewhere", said.first(r"seal.pem: ").replace(str(seal), "seal.pem"))
    said = run(*within, "openssl", "verify", "-CAfile", root, "-untrusted", chain, "-crl_check", "-crl_download", seal)
    report.answer("crl", "elsewhere", said.first(r": OK", r"error").replace(str(seal), "seal.pem"))
    (scratch / "data").write_text("data")
    query, token = scratch / "query.tsq", scratch / "token.tsr"
    run("openssl", "ts", "-query", "-data", scratch / "data", "-sha256", "-cert", "-out", query)
    run(*within, "curl", "-s", "-o", token, "-H", "Content-Type: application/timestamp-query", "--data-binary", "@%s" % query, base + "/tsa")
    said = run("openssl", "ts", "-verify", "-queryfile", query, "-in", token, "-CAfile", root, "-untrusted", chain)
    report.answer("tsa", "elsewhere", said.first(r"Verification"))
    report.answer("tls", "elsewhere", status(https.replace("127.0.0.1", OUTSIDE) + "/healthz", "--cacert", root, within=within))
    report.answer("token", "elsewhere", status(base + "/testbed/api/clock", within=within))
    page = status(base + "/", "-H", "Accept: text/html", "-A", "Mozilla/5.0", within=within)
    report.answer("page", "elsewhere", page)


def main():
    report, folder = Report("reach"), Path(sys.argv[1]) / "reach"
    scratch, data = folder / "scratch", folder / "data"
    scratch.mkdir(parents=True)
    binary = os.path.abspath(shutil.which(find_binary([])))
    try:
        with wire(report) as within:
            port = free_port()
            base = "http://%s:%d" % (OUTSIDE if within else "127.0.0.1", port)
            options = ["--listen", "0.0.0.0:%d" % port, "--public-url", base, "--tls=0.0.0.0:0", "--client-certs", "optional"]
            with testbed(binary, data, *options) as told:
                trust = data / "worlds" / "default" / "trust"
                root, eseal = trust / "root.pem", lambda *words, data=data: run(binary, *words, "--data", data)
                over_tls(report, told["https"], root)
                client_certificates(report, eseal, told["https"], root, scratch)
                if within:
                    from_elsewhere(report, within, base, told["https"], root, trust, scratch)
    except Exception as error:  # a witness that breaks off has not been heard
        report.fail("broke off: %s: %s" % (type(error).__name__, error))
        if os.environ.get("WITNESS_TRACE"):
            raise
    sys.exit(report.close())


if __name__ == "__main__":
    main()
