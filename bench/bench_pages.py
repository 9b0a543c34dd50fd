"""The state of the roads against a bare FastAPI endpoint that returns the same bytes.

    python bench/bench_pages.py [--rounds 5] [--requests 4000] [--connections 16] [--json]

Both run as processes of their own on the same uvicorn, in turns. Printed: requests a second, the
server's CPU for each, and the ratio of the medians: what Sira's page does of what the bare endpoint
does. Then how soon after the answer to a report the page of *another* process shows it.
"""

import argparse
import asyncio
import gzip
import json
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.core.clock import SystemClock
from bench.serving import Server, free_port, prepare, serving, sira

_GET = b"GET /fr HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n"
_TOWNS = ("Lakamane", "Kayes", "Nioro", "Segou", "Sikasso", "Gao", "Mopti", "Douentza", "Kita")
_PATIENCE_S = 10.0
_LEAST = 0.7


def main() -> int:
    """Measure; return 1 when the page does less than 0.7 of the bare endpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=4_000)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = _measure(Path(name), options)
    print(json.dumps(found, indent=1) if options.json else _lines(found))
    return int(found["ratio"] < _LEAST)


def _measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    database = f"sqlite:///{folder}/sira.db"
    admin, _ = prepare(database, 0)
    with sira(folder, database, SIRA_PUBLIC_PAGES="true") as page:
        for town in _TOWNS:
            _report(page.port, admin, town)
        body = _fetched(page.port)
        squeezed = folder / "page.gz"
        squeezed.write_bytes(body)
        port = free_port()
        command = [sys.executable, str(Path(__file__).parent / "bare_page.py"), str(port)]
        with serving([*command, str(squeezed)], port, ready="/healthz") as bare:
            figures = _in_turns({"page": page, "bare": bare}, options)
    return {
        "bytes": len(body),
        "bytes_plain": len(gzip.decompress(body)),
        **figures,
        "seen_after_ms": _seen_after(folder, database, admin),
    }


def _in_turns(servers: dict[str, Server], options: argparse.Namespace) -> dict[str, Any]:
    rates: dict[str, list[float]] = {name: [] for name in servers}
    costs: dict[str, list[float]] = {name: [] for name in servers}
    for server in servers.values():
        asyncio.run(_storm(server.port, options.requests // 4, options.connections))
    for _ in range(options.rounds):
        for name, server in servers.items():
            cpu, began = server.cpu_s(), time.perf_counter()
            asyncio.run(_storm(server.port, options.requests, options.connections))
            rates[name].append(options.requests / (time.perf_counter() - began))
            costs[name].append((server.cpu_s() - cpu) / options.requests * 1e6)
    rate = {name: statistics.median(values) for name, values in rates.items()}
    cost = {name: statistics.median(values) for name, values in costs.items()}
    return {
        "page_per_s": round(rate["page"]),
        "bare_per_s": round(rate["bare"]),
        "page_cpu_us": round(cost["page"]),
        "bare_cpu_us": round(cost["bare"]),
        "ratio": round(rate["page"] / rate["bare"], 2),
        "ratio_cpu": round(cost["bare"] / cost["page"], 2),
    }


async def _storm(port: int, requests: int, connections: int) -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_ask(port, requests // connections))


async def _ask(port: int, times: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(times):
        writer.write(_GET)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head  # noqa: S101 - of the bench itself
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
    writer.close()


def _seen_after(folder: Path, database: str, admin: str) -> list[float]:
    """Return how long, after one process has answered a report, another still showed none of it."""
    waited: list[float] = []
    with (
        sira(folder, database, "--api-only", SIRA_PUBLIC_PAGES="true") as writer,
        sira(folder, database, "--api-only", SIRA_PUBLIC_PAGES="true") as shown,
    ):
        for town in ("Bougouni", "Koutiala", "Niono", "Kidal", "Bla"):
            before = _told(shown.port)
            _report(writer.port, admin, town)
            began = time.monotonic()
            while _told(shown.port) == before and time.monotonic() < began + _PATIENCE_S:
                time.sleep(0.005)
            waited.append(round((time.monotonic() - began) * 1_000))
    return waited


def _told(port: int) -> bytes:
    """Return the page from its first route on: what stands above is the time."""
    return gzip.decompress(_fetched(port)).partition(b'<ul class="r">')[2]


def _fetched(port: int) -> bytes:
    request = Request(f"http://127.0.0.1:{port}/fr", headers={"Accept-Encoding": "gzip"})
    return bytes(urlopen(request).read())  # noqa: S310 - loopback


def _report(port: int, key: str, town: str) -> None:
    body = {
        "kind": "vehicle_attack",
        "place": town,
        "occurred_at": (SystemClock().now() - timedelta(hours=1)).isoformat(),
        "summary": "x",
    }
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    urlopen(
        Request(
            f"http://127.0.0.1:{port}/v1/reports", data=json.dumps(body).encode(), headers=headers
        )
    ).read()


def _lines(found: dict[str, Any]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in found.items())


if __name__ == "__main__":
    sys.exit(main())
