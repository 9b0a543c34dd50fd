"""Reports as a storm brings them, and a client that posts them as fast as they are taken.

Run as a process of its own: `python bench/storm.py --url ... --connections 16 < requests.jsonl`
posts each line's `body` under its `key` and prints what it measured as JSON.
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
    url: tuple[str, int, str], requests: Sequence[tuple[str, bytes]], connections: int
) -> dict[str, Any]:
    """Post every (key, body) over so many kept connections; return seconds and statuses."""
    host, port, path = url
    todo = iter(requests)
    took: list[float] = []
    statuses: dict[str, int] = {}

    async def connection() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        for key, body in todo:
            head = (
                f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            started = time.perf_counter()
            writer.write(head.encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = int(answer.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            await reader.readexactly(length)
            took.append(time.perf_counter() - started)
            status = answer[9:12].decode()
            statuses[status] = statuses.get(status, 0) + 1
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(connection() for _ in range(connections)))
    total = time.perf_counter() - started
    return {"seconds": total, "took": took, "statuses": statuses}


def main() -> None:
    """Post what standard input says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", default="/v1/reports")
    parser.add_argument("--connections", type=int, required=True)
    args = parser.parse_args()
    lines = [json.loads(line) for line in sys.stdin]
    requests = [(line["key"], json.dumps(line["body"]).encode()) for line in lines]
    url = (args.host, args.port, args.path)
    sys.stdout.write(json.dumps(uvloop.run(post_all(url, requests, args.connections))))


if __name__ == "__main__":
    main()
