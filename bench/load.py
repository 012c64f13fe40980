#!/usr/bin/env python3
"""Many clients at once: how many answers they get, and how long the slowest waits.

    bench/load.py [--eseal BINARY] [--connections 16,128,1000] [--seconds 5] [--work issue,stamp,verify] [--impatient]

Starts a testbed over a temporary folder. Each client keeps one connection, asks again as soon as it has its answer, and
connects anew when it lost it. Who is answered 503 comes again after as many seconds as Retry-After says; --impatient: at once.
Beside them one more client asks /ca/ocsp every 50 ms: how long that takes tells whether the machine protocols stay responsive.
Client and server share the processors, so that the figures compare only with others of the same machine.
"""

import argparse
import asyncio
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPLETION = (ROOT / "examples" / "certificate.json").read_bytes()


class Counts:
    def __init__(self):
        self.done, self.busy, self.other, self.lost, self.slowest_busy = [], 0, {}, 0, 0.0

    def line(self, seconds):
        times = sorted(self.done) or [0.0]
        return "%7.1f/s answered, median %6.2f s, slowest %6.2f s; %7.1f/s told to come again, slowest %5.2f s; %d lost%s" % (
            len(self.done) / seconds, statistics.median(times), times[-1], self.busy / seconds, self.slowest_busy, self.lost,
            "; other: %s" % self.other if self.other else "")


def request(host, path, media_type, body):
    head = "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (path, host, media_type, len(body))
    return head.encode() + body


async def exchange(reader, writer, octets):
    """(status, seconds to wait or None, whether the connection lives on)"""
    writer.write(octets)
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = re.search(r"content-length: (\d+)", head)
    await reader.readexactly(int(length.group(1)) if length else 0)
    later = re.search(r"retry-after: (\d+)", head)
    return int(head.split()[1]), float(later.group(1)) if later else None, "connection: close" not in head


async def client(port, octets, counts, until, impatient):
    writer = None
    while time.monotonic() < until:
        started = time.monotonic()
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
            status, later, lives = await asyncio.wait_for(exchange(reader, writer, octets), 150)
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
            counts.lost += 1
            status, later, lives = 0, 0.1, False
        took = time.monotonic() - started
        if not lives and writer is not None:
            writer.close()
            writer = None
        if status in (200, 201):
            counts.done.append(took)
        elif status == 503:
            counts.busy += 1
            counts.slowest_busy = max(counts.slowest_busy, took)
        elif status:
            counts.other[status] = counts.other.get(status, 0) + 1
        if later and not impatient:
            await asyncio.sleep(min(later, max(0.0, until - time.monotonic())))
    if writer is not None:
        writer.close()


async def watch(port, octets, until):
    """How long a small question takes meanwhile."""
    times = []
    while time.monotonic() < until:
        started = time.monotonic()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            status, _, _ = await asyncio.wait_for(exchange(reader, writer, octets), 60)
            writer.close()
            times.append(time.monotonic() - started if status == 200 else float("nan"))
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
            times.append(float("inf"))
        await asyncio.sleep(0.05)
    return times


async def measure(port, octets, question, connections, seconds, impatient):
    counts, started = Counts(), time.monotonic()
    until = started + seconds
    watching = asyncio.create_task(watch(port, question, until))
    await asyncio.gather(*(client(port, octets, counts, until, impatient) for _ in range(connections)))
    elapsed = time.monotonic() - started
    times = sorted(await watching) or [0.0]
    return counts.line(elapsed) + "; OCSP median %.3f s, slowest %.3f s" % (statistics.median(times), times[-1])


def stamp_query(folder):
    query = folder / "query.tsq"
    subprocess.run(["openssl", "ts", "-query", "-data", __file__, "-sha256", "-cert", "-out", query], check=True, stderr=subprocess.DEVNULL)
    return query.read_bytes()


def ocsp_query(folder, data):
    trust, query = data / "worlds" / "default" / "trust", folder / "query.ocsp"
    subprocess.run(["openssl", "ocsp", "-issuer", trust / "intermediates.pem", "-serial", "1", "-reqout", query, "-no_nonce"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return query.read_bytes()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eseal", default=str(ROOT / "target" / "release" / "eseal"))
    parser.add_argument("--connections", default="16,128,1000")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--work", default="issue,stamp,verify")
    parser.add_argument("--impatient", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="eseal-load-") as folder:
        folder = Path(folder)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ESEAL_")}
        command = [options.eseal, "up", "--listen", "127.0.0.1:0", "--json", "--data", str(folder / "data")]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        try:
            told = json.loads(server.stdout.readline())
            port, host = int(told["base"].rsplit(":", 1)[1]), told["base"].split("//")[1]
            pdf = Path(told["first_certificate"]["file"]).read_bytes()
            asked = {
                "issue": request(host, "/issuer/api/certificates?level=B-LTA", "application/json", COMPLETION),
                "stamp": request(host, "/tsa", "application/timestamp-query", stamp_query(folder)),
                "verify": request(host, "/verifier/api/validations", "application/pdf", pdf),
            }
            question = request(host, "/ca/ocsp", "application/ocsp-request", ocsp_query(folder, folder / "data"))
            for work in options.work.split(","):
                for connections in map(int, options.connections.split(",")):
                    told = asyncio.run(measure(port, asked[work], question, connections, options.seconds, options.impatient))
                    print("%-7s %5d connections: %s" % (work, connections, told), flush=True)
            started = time.monotonic()
            server.send_signal(signal.SIGTERM)
            server.wait(30)
            print("ended %.2f s after SIGTERM" % (time.monotonic() - started))
        finally:
            server.kill()
            server.wait()


if __name__ == "__main__":
    sys.exit(main())
