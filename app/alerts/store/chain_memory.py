"""What the alerts of a chain have told so far, and the memory of it."""

import json
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select

from app.alerts.alert import (
    WITHOUT_NEWS,
    AlertState,
    AlertType,
    Certainty,
    Ended,
    NamedWay,
    News,
    Reason,
    Stretch,
)
from app.alerts.codec import way_from_json
from app.alerts.doubts import Doubts
from app.alerts.ends import Ends
from app.core.levels import Level
from app.db.tables import AlertIncidentRow, AlertRow

STRETCH_SEPARATOR = "~"
#: Chains remembered: about 1 kB each.
CHAINS_KEPT = 2_000

#: What a chain has said: what stands, and what was overtaken.
OF_CHAINS = (
    AlertRow.chain_id.in_(bindparam("chains", expanding=True)),
    AlertRow.status.not_in(["held", "ended"]),  # said so, or SQLite walks all that is superseded
)
#: The other roads that an alert keeps, as `named_ways` reads them.
OF_THE_WAY = (
    AlertRow.facts["way"].as_string().label("way"),
    AlertRow.facts["way_title"].as_string().label("way_title"),
    AlertRow.facts["way_level"].as_string().label("way_level"),
    AlertRow.facts["ways"].as_string().label("ways"),
)
#: The incident for which an alert took another road back, beside other news of its own.
LOST_BESIDE = AlertRow.facts["lost_speaks"].as_string()
# Built once, as in `chains`.
_SPOKEN = (
    select(
        AlertRow.id,
        AlertRow.chain_id,
        AlertRow.type,
        AlertRow.level,
        AlertRow.certainty,
        AlertRow.reason,
        AlertRow.created_at,
        AlertRow.stretch,
        AlertRow.facts["serious"].as_boolean().label("serious"),
        AlertRow.facts["speaks"].as_string().label("speaks"),
        AlertRow.facts["here"].as_string().label("here"),
        AlertRow.facts["lost"].as_string().label("lost"),
        LOST_BESIDE.label("lost_speaks"),
        AlertRow.facts["lost_kind"].as_string().label("lost_kind"),
        AlertRow.facts["lifted"].as_string().label("lifted"),
        AlertRow.facts["lifted_kind"].as_string().label("lifted_kind"),
        AlertRow.facts["lifted_at"][0].as_string().label("lifted_from"),
        AlertRow.facts["lifted_at"][1].as_string().label("lifted_to"),
        AlertRow.facts["kind"].as_string().label("kind"),
    )
    .where(*OF_CHAINS)
    .order_by(AlertRow.id)
)
_SPOKEN_OF = (
    select(AlertRow.chain_id, AlertIncidentRow.incident_id)
    .join(AlertIncidentRow, AlertIncidentRow.alert_id == AlertRow.id)
    .where(
        *OF_CHAINS,
        AlertRow.reason != Reason.WAY_LOST,
        or_(LOST_BESIDE.is_(None), AlertIncidentRow.incident_id != LOST_BESIDE),
    )
    .distinct()
)


@dataclass(slots=True)
class ChainTold:
    """What the alerts of a chain have spoken of so far."""

    said_at: list[datetime] = field(default_factory=list)
    news_said_at: list[datetime] = field(default_factory=list)
    stretches: set[Stretch | None] = field(default_factory=set)
    stretch: Stretch | None = None
    news_on: dict[Stretch | None, datetime] = field(default_factory=dict)
    serious: bool = False
    news: News | None = None
    mentions: dict[str, News] = field(default_factory=dict)
    lost: dict[str, datetime] = field(default_factory=dict)
    of_ways: dict[str, News] = field(default_factory=dict)
    kind: str | None = None
    certainty: Certainty = Certainty.CONFIRMED
    ends: Ends = field(default_factory=Ends)
    speaks: str | None = None
    peak: Level = Level.UNKNOWN
    doubts: Doubts = field(default_factory=Doubts)

    def hear(self, row: Row[*tuple[Any, ...]]) -> None:
        """Take in the next alert of the chain."""
        level = Level(row.level)
        self.said_at.append(row.created_at)
        if row.lost is not None:
            self.lost[row.lost] = row.created_at
        if row.lost_speaks is not None:
            self.of_ways[row.lost_speaks] = News(at=row.created_at, kind=row.lost_kind)
        if row.reason == Reason.WAY_LOST:  # of another road: nothing is new on this one
            self.news_said_at.append(row.created_at)
            if row.speaks:
                self.of_ways[row.speaks] = News(at=row.created_at, kind=row.kind)
            return
        self.kind, self.certainty = row.kind, Certainty(row.certainty)
        is_news = row.reason not in WITHOUT_NEWS
        if is_news:
            self.news_said_at.append(row.created_at)
            self.news = News(at=row.created_at, kind=row.kind, level=level)
            # what a correction says is left was news before
            if row.speaks and (row.reason != Reason.CORRECTED or row.speaks not in self.mentions):
                self.mentions[row.speaks] = self.news
        self.serious = self.serious or bool(row.serious)
        self.speaks = row.speaks or self.speaks
        self.peak = max(self.peak, level, key=lambda one: one.rank)
        start, _, end = (row.stretch or "").partition(STRETCH_SEPARATOR)
        where: Stretch | None = (start, end) if start else None
        self.stretch = where or self.stretch
        self.stretches.add(where)
        if is_news and row.here is None:
            self.news_on[where] = row.created_at
        self.ends.hear(_ended(row), speaks=row.speaks, kind=row.kind, stretch=where)
        self.doubts.hear(
            row.speaks or row.id,
            kind=AlertType(row.type),
            reason=Reason(row.reason),
            level=level,
            certainty=Certainty(row.certainty),
            at=row.created_at,
            over=row.lifted,
        )


class ChainMemory:
    """What chains have told, by the alert that is active in each; safe between threads.

    Good for ever: alerts are never rewritten, and whatever a chain tells next is another active
    alert. Of which incidents alerts speak is not kept: a merge adds to that.
    """

    def __init__(self, size: int = CHAINS_KEPT) -> None:
        self._size = size
        self._kept: OrderedDict[str, ChainTold] = OrderedDict()
        self._lock = Lock()

    def recall(self, alert_ids: Iterable[str]) -> dict[str, ChainTold]:
        """Return what is remembered, by the active alert."""
        with self._lock:
            found = {one: self._kept[one] for one in alert_ids if one in self._kept}
            for one in found:
                self._kept.move_to_end(one)
            return found

    def keep(self, told: Mapping[str, ChainTold]) -> None:
        """Remember; forget what was not asked for longest."""
        with self._lock:
            self._kept.update(told)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)


def states_of(
    conn: Connection, rows: Sequence[Row[*tuple[Any, ...]]], memory: ChainMemory
) -> dict[str, AlertState]:
    """Return what was said last in the chains of `rows`, their active alerts, by alert."""
    if not rows:
        return {}
    told = memory.recall(row.id for row in rows)
    unknown = {row.id: row.chain_id for row in rows if row.id not in told}
    if unknown:
        chains: defaultdict[str, ChainTold] = defaultdict(ChainTold)
        for spoken in conn.execute(_SPOKEN, {"chains": sorted(set(unknown.values()))}):
            chains[spoken.chain_id].hear(spoken)
        heard = {alert_id: chains[chain_id] for alert_id, chain_id in unknown.items()}
        memory.keep(heard)
        told |= heard
    incidents: defaultdict[str, set[str]] = defaultdict(set)
    for chain_id, incident_id in conn.execute(
        _SPOKEN_OF, {"chains": sorted({row.chain_id for row in rows})}
    ):
        incidents[chain_id].add(incident_id)
    return {row.id: _state(row, told[row.id], incidents[row.chain_id]) for row in rows}


def named_ways(row: Row[*tuple[Any, ...]]) -> tuple[NamedWay, ...]:
    """Return the other roads that stand as named in an active alert, see `OF_THE_WAY`."""
    if row.way is None:
        return ()
    sections, level = tuple(json.loads(row.way)), Level(row.way_level)
    last = NamedWay(title=row.way_title, section_ids=sections, level=level)
    return (last, *(way_from_json(one) for one in json.loads(row.ways or "[]")))


def _ended(row: Row[*tuple[Any, ...]]) -> Ended | None:
    towns = (row.lifted_from, row.lifted_to) if row.lifted_from else None
    over = {"incident_id": row.lifted, "kind": row.lifted_kind, "stretch": towns}
    return Ended(at=row.created_at, **over) if row.lifted is not None else None


def _state(row: Row[*tuple[Any, ...]], told: ChainTold, incident_ids: set[str]) -> AlertState:
    return AlertState(
        id=row.id,
        chain_id=row.chain_id,
        type=AlertType(row.type),
        level=Level(row.level),
        certainty=told.certainty,
        created_at=row.created_at,
        references=tuple(row.references),
        incident_ids=frozenset(incident_ids),
        reason=Reason(row.reason),
        expires_at=row.expires_at,
        stretches=frozenset(told.stretches),
        stretch=told.stretch,
        news_on=dict(told.news_on),
        serious=told.serious,
        kind=told.kind,
        said_at=tuple(told.said_at),
        news_said_at=tuple(told.news_said_at),
        news_at=told.news.at if told.news else None,
        news_kind=told.news.kind if told.news else None,
        mentions=told.mentions,
        after_end=bool(row.after_end),
        ways=named_ways(row),
        lost=told.lost,
        of_ways=told.of_ways,
        ended=tuple(told.ends.said),
        speaks=told.speaks,
        peak=told.peak,
        doubtful=frozenset(told.doubts.open),
        unanswered=frozenset(told.doubts.unanswered),
        doubt_at=told.doubts.since,
    )
