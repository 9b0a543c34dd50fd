"""Every road as bad and as different as can be: what a page has to hold at most."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert

from app.core.levels import Level
from app.db.tables import LevelChangeRow, RouteStateRow, SectionStateRow
from tests.harness.api import Api

_LEVELS = (Level.SEVERE, Level.HIGH, Level.MODERATE, Level.UNKNOWN)


async def crowd(api: Api) -> None:
    """Give each route another level, time and reason for each of its cargoes."""
    ids = await _incidents(api)
    api.clock.advance(timedelta(minutes=1))
    api.state.db.write_now(lambda conn: _rate(conn, api, ids))


async def _incidents(api: Api) -> list[str]:
    """Report one thing in each of many towns; return the ids."""
    network = api.state.roads
    towns = [
        stop for corridor in network.corridors.values() for stop in corridor.stops if stop.main
    ]
    kinds = [kind.code for kind in api.state.config.kinds if kind.serious]
    body = [
        {
            "kind": kinds[n % len(kinds)],
            "position": {
                "lat": network.places[town.place_id].position.lat,
                "lon": network.places[town.place_id].position.lon,
            },
            "occurred_at": (api.clock.now() - timedelta(minutes=97 * n + 11)).isoformat(),
            "summary": "x",
        }
        for n, town in enumerate({town.place_id: town for town in towns}.values())
    ]
    answer = await api.moderator.post("/v1/reports/batch?mode=backfill", json=body[:130])
    assert answer.status_code == 200, answer.text
    listed = await api.moderator.get("/v1/incidents?limit=200")
    return [one["id"] for one in listed.json()["items"]]


def _rate(conn: Connection, api: Api, ids: list[str]) -> None:
    network, now = api.state.roads, api.clock.now()
    for table in (RouteStateRow, SectionStateRow):
        conn.execute(delete(table))
    sections: dict[str, dict[str, Any]] = {}
    routes, changes = [], []
    for place, corridor in enumerate(network.corridors.values()):
        for turn, cargo in enumerate(api.state.config.cargoes.codes):
            number = 4 * place + turn
            level, since = _LEVELS[turn], now - timedelta(minutes=131 * number + 7)
            section = corridor.section_ids[(place + turn) % len(corridor.section_ids)]
            routes.append(
                {
                    "route": corridor.code,
                    "cargo": cargo,
                    "level": level.value,
                    "score": 50.0,
                    "worst_section": section,
                    "since": since,
                    "rated_at": now,
                }
            )
            state = {
                "level": level.value,
                "score": 50.0,
                "since": since.isoformat(),
                "calm_since": None,
                "evidence_at": (now - timedelta(minutes=37 * number + 3)).isoformat(),
                "positive_at": None,
            }
            sections.setdefault(section, {})[cargo] = state
            changes.append(
                {
                    "id": f"00000000-0000-7000-8000-{number:012d}",
                    "at": now,
                    "subject": f"section:{section}",
                    "cargo": cargo,
                    "before": "low",
                    "after": level.value,
                    "score": 50.0,
                    "rule_set": 1,
                    "reasons": {
                        "spoke": "floor",
                        "contributions": [
                            {
                                "incident": ids[number % len(ids)],
                                "cleared": False,
                                "floor": level.value,
                                "rule": "x",
                                "title": "x",
                            }
                        ],
                    },
                }
            )
    conn.execute(insert(RouteStateRow), routes)
    conn.execute(insert(LevelChangeRow), changes)
    conn.execute(
        insert(SectionStateRow),
        [
            {
                "section_id": section,
                "token": f"00000000-0000-7000-8000-{number:012d}",
                "rated_at": now,
                "restless": False,
                "cargoes": cargoes,
            }
            for number, (section, cargoes) in enumerate(sections.items())
        ],
    )
