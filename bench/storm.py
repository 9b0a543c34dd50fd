"""Reports as a storm brings them, and a client that posts them as fast as they are taken.

Run as a process of its own: `python bench/storm.py --url ... --connections 16 < requests.jsonl`
posts each line's `body` under its `key` (or its `form` to its own `path`, with its `headers`) and
prints what it measured as JSON. `--pace-s`: each connection rests so long between two.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import uvloop

#: Path, headers and body of a request.
Prepared = tuple[str, str, bytes]
#: Kinds and how often each comes: ambushes and rumours more than closures.
KINDS = {
    "fuel_interception": 5,
    "convoy_ambush": 4,
    "vehicle_attack": 4,
    "town_attack": 3,
    "ied": 3,
    "abduction": 2,
    "roadblock": 2,
    "military_operation": 2,
    "banditry": 2,
    "civilian_killing": 1,
    "infrastructure_sabotage": 1,
    "route_suspended": 1,
    "flood_damage": 1,
    "safe_transit": 2,
    "road_reopened": 1,
}
_WHAT = (
    "Camions arretes et incendies",
    "Tankers stopped and emptied",
    "Convoi attaque, plusieurs vehicules touches",
    "Armed men on motorcycles seen",
    "Tirs entendus, passagers descendus",
    "Road closed by an armed group",
)
_SELDOM = (True, False, False, False)
_OUTLETS = ("Studio Tamani", "Kayes Info", "RFI", "Journal du Mali", "Mali Jet", "Nord Sud")


def reports(places: Sequence[str], count: int, *, now: datetime, seed: int) -> list[dict[str, Any]]:
    """Return bodies of `POST /v1/reports`: few events, each told several times, and much else."""
    chance = random.Random(seed)
    kinds, weights = list(KINDS), list(KINDS.values())
    bodies = []
    for number in range(count):
        at = now - timedelta(minutes=chance.randrange(10, 4 * 24 * 60))
        body: dict[str, Any] = {
            "kind": chance.choices(kinds, weights)[0],
            "place": chance.choice(places),
            "occurred_at": at.isoformat(),
            "date_precision": chance.choice(["instant", "instant", "day"]),
            "basis": chance.choice(["firsthand", "relayed"]),
            "summary": f"{chance.choice(_WHAT)}, {chance.randrange(1, 30)} vehicles; note {number}",
        }
        if chance.choice(_SELDOM):
            body["vehicles"] = chance.randrange(1, 30)
        if chance.choice(_SELDOM):
            body["cargo"] = chance.choice(["fuel", "goods", "passengers"])
        if chance.choice(_SELDOM):
            body["source"] = {"name": chance.choice(_OUTLETS), "type": "local news"}
        bodies.append(body)
    return bodies


async def post_all(
    address: tuple[str, int], requests: Sequence[Prepared], connections: int, pace_s: float = 0.0
) -> dict[str, Any]:
    """Post every request over so many kept connections; return seconds and statuses."""
    host, port = address
    todo = iter(requests)
    took: list[float] = []
    statuses: dict[str, int] = {}

    async def connection() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        for path, headers, body in todo:
            head = (
                f"POST {path} HTTP/1.1\r\nHost: {host}\r\n{headers}"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            started = time.perf_counter()
            writer.write(head.encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            rest = answer.lower().partition(b"content-length:")[2]
            await reader.readexactly(int(rest.split(b"\r\n", 1)[0]) if rest else 0)
            took.append(time.perf_counter() - started)
            status = answer[9:12].decode()
            statuses[status] = statuses.get(status, 0) + 1
            if pace_s:
                await asyncio.sleep(pace_s)
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(connection() for _ in range(connections)))
    total = time.perf_counter() - started
    return {"seconds": total, "took": took, "statuses": statuses}


def prepared(line: dict[str, Any], path: str) -> Prepared:
    """Return a line of input as a request."""
    if "form" in line:
        headers = {"Content-Type": "application/x-www-form-urlencoded", **line["headers"]}
        path, body = line["path"], line["form"].encode()
    else:
        body = json.dumps(line["body"]).encode()
        headers = {"Authorization": f"Bearer {line['key']}", "Content-Type": "application/json"}
    return path, "".join(f"{name}: {value}\r\n" for name, value in headers.items()), body


def main() -> None:
    """Post what standard input says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", default="/v1/reports")
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--pace-s", type=float, default=0.0)
    args = parser.parse_args()
    requests = [prepared(json.loads(line), args.path) for line in sys.stdin]
    found = post_all((args.host, args.port), requests, args.connections, args.pace_s)
    sys.stdout.write(json.dumps(uvloop.run(found)))


if __name__ == "__main__":
    main()
