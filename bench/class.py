#!/usr/bin/env python3
"""A class in one server: what its worlds cost to make, to keep open and to open again, and what others notice of it.

    bench/class.py [--eseal BINARY] [--worlds 40] [--idle 10s]

Starts a testbed over a temporary folder, makes the worlds with one command, uses each, lets all of them become idle, and asks them again:
one after another, then, when they are idle once more, all at once. Beside that one more client asks the default world for its OCSP
answer every 20 ms: how long that takes is what somebody in another world notices. Memory is VmRSS of the server. Client and server share
the processors, so that figures compare only with others of the same machine.
"""

import argparse
import json
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from load import ROOT, ocsp_query

COMPLETION = (ROOT / "examples" / "certificate.json").read_bytes()
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(url, body=None, media_type="application/json"):
    """The answer's octets and how long it took."""
    started = time.monotonic()
    with OPENER.open(urllib.request.Request(url, data=body, headers={"Content-Type": media_type} if body else {}), timeout=120) as answer:
        octets = answer.read()
    return octets, time.monotonic() - started


class Neighbour(threading.Thread):
    """Asks the default world all the time; keeps how long it waits in each phase."""

    def __init__(self, base, query):
        super().__init__(daemon=True)
        self.base, self.query, self.phase, self.waits, self.going = base, query, "calm", {}, True

    def run(self):
        while self.going:
            phase = self.phase
            started = time.monotonic()
            ask(self.base + "/ca/ocsp", self.query, "application/ocsp-request")
            self.waits.setdefault(phase, []).append(time.monotonic() - started)
            time.sleep(0.02)

    def line(self, phase):
        waits = sorted(self.waits.get(phase, [0.0]))
        return "%5.1f ms median, %6.1f ms of a hundred 99, %6.1f ms slowest" % tuple(
            1000 * value for value in (statistics.median(waits), waits[int(len(waits) * 0.99) - 1 if len(waits) > 100 else -1], waits[-1]))


def memory(process):
    """(megabytes, threads)"""
    status = Path("/proc/%d/status" % process.pid).read_text()
    return tuple(int(re.search(r"%s:\s+(\d+)" % name, status).group(1)) for name in ("VmRSS", "Threads"))


def open_worlds(base):
    return sum(world["open"] for world in json.loads(ask(base + "/testbed/api/worlds")[0])["worlds"])


def until_idle(base):
    while open_worlds(base) > 1:
        time.sleep(0.2)
    time.sleep(1)


def row(what, figures):
    print("%-52s %s" % (what, figures), flush=True)


def of_times(times):
    times = sorted(times)
    return "%7.0f ms median, %7.0f ms slowest" % (1000 * statistics.median(times), 1000 * times[-1])


def measure(binary, folder, given):
    data = ["--data", folder]
    server = subprocess.Popen([binary, "up", "--listen", "127.0.0.1:0", "--json", "--idle", given.idle, "--open-worlds", "1000", *data],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        base = json.loads(server.stdout.readline())["base"]
        row("memory with the default world alone", "%6.0f MB, %d threads" % (memory(server)[0] / 1024, memory(server)[1]))
        neighbour = Neighbour(base, ocsp_query(Path(folder), Path(folder)))
        neighbour.start()
        time.sleep(3)

        neighbour.phase = "one is made"
        row("one world made alone", "%7.0f ms" % (1000 * ask(base + "/testbed/api/worlds/teacher", b"")[1]))
        neighbour.phase = "all are made"
        started = time.monotonic()
        subprocess.run([binary, "world", "new", "--count", str(given.worlds), "--prefix", "student-", *data], check=True, stdout=subprocess.DEVNULL)
        seconds = time.monotonic() - started
        row("%d worlds made by one command" % given.worlds, "%7.1f s, %.0f ms each" % (seconds, 1000 * seconds / given.worlds))
        worlds = [base + "/w/" + world["world"] for world in json.loads(ask(base + "/testbed/api/worlds")[0])["worlds"] if world["world"].startswith("student")]

        neighbour.phase = "all are used"
        with ThreadPoolExecutor(4) as clients:
            row("a certificate issued in each, four at a time", of_times([wait for _, wait in clients.map(lambda world: ask(world + "/issuer/api/certificates", COMPLETION), worlds)]))
        open_now = open_worlds(base)
        row("memory with all %d open and used" % open_now, "%6.0f MB, %d threads" % (memory(server)[0] / 1024, memory(server)[1]))
        neighbour.phase = "all are closed"
        until_idle(base)
        row("memory when all but the default are closed", "%6.0f MB, %d threads" % (memory(server)[0] / 1024, memory(server)[1]))

        neighbour.phase = "each is opened"
        first = [ask(world + "/ca/crl/issuing.crl")[1] for world in worlds]
        row("first answer of a closed world, one after another", of_times(first))
        row("second answer", of_times([ask(world + "/ca/crl/issuing.crl")[1] for world in worlds]))
        until_idle(base)
        neighbour.phase = "all are opened at once"
        with ThreadPoolExecutor(len(worlds)) as clients:
            row("first answer, all at once", of_times([wait for _, wait in clients.map(lambda world: ask(world + "/ca/crl/issuing.crl"), worlds)]))
        neighbour.phase = "all are used again"
        with ThreadPoolExecutor(4) as clients:
            list(clients.map(lambda world: ask(world + "/issuer/api/certificates", COMPLETION), worlds))
        row("memory with all open again", "%6.0f MB, %d threads" % (memory(server)[0] / 1024, memory(server)[1]))
        until_idle(base)
        row("memory when all are closed again", "%6.0f MB, %d threads" % (memory(server)[0] / 1024, memory(server)[1]))
        neighbour.going = False
        neighbour.join()
        for phase in neighbour.waits:
            row("the default world while %s" % phase if phase != "calm" else "the default world alone", neighbour.line(phase))
    finally:
        started = time.monotonic()
        server.send_signal(signal.SIGTERM)
        server.wait(30)
        row("stopped (exit code %d)" % server.returncode, "%7.1f s" % (time.monotonic() - started))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eseal", default=str(ROOT / "target" / "release" / "eseal"))
    parser.add_argument("--worlds", type=int, default=40)
    parser.add_argument("--idle", default="10s")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="eseal-class-") as folder:
        measure(given.eseal, folder, given)


if __name__ == "__main__":
    main()
