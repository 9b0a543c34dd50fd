"""Chains on disk: what was told of each route and cargo, what waits, what is over."""

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from threading import Lock
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Row,
    bindparam,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import aliased

from app.alerts.alert import (
    ENDS,
    WITHOUT_NEWS,
    AlertState,
    AlertType,
    Certainty,
    Ended,
    News,
    Reason,
    Stretch,
)
from app.alerts.doubts import Doubts
from app.alerts.ends import Ends
from app.alerts.records import DueAlert
from app.core.levels import Level
from app.db.tables import AlertIncidentRow, AlertRow

#: A route and a cargo: what an alert speaks of.
Subject = tuple[str, str]

STRETCH_SEPARATOR = "~"
#: Chains remembered: about 1 kB each.
CHAINS_KEPT = 2_000

#: An exercise says nothing of the road: it neither answers nor hides what is real.
_IS_EXERCISE = AlertRow.facts["exercise"].as_boolean()

# Built once: every report asks, and putting a statement together costs as much as running it.
_TOLD = select(
    AlertRow.id,
    AlertRow.route,
    AlertRow.cargo,
    AlertRow.chain_id,
    AlertRow.type,
    AlertRow.level,
    AlertRow.certainty,
    AlertRow.created_at,
    AlertRow.references,
    AlertRow.reason,
    AlertRow.expires_at,
    AlertRow.facts["kind"].as_string().label("kind"),
)
_ACTIVE_ON = _TOLD.where(
    AlertRow.status == "active",
    AlertRow.route.in_(bindparam("routes", expanding=True)),
    bindparam("exercise", type_=Boolean) == _IS_EXERCISE,
).order_by(AlertRow.id)
_OF_CHAINS = (
    AlertRow.chain_id.in_(bindparam("chains", expanding=True)),
    AlertRow.status.in_(["active", "superseded"]),
)
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
        AlertRow.facts["lifted"].as_string().label("lifted"),
        AlertRow.facts["lifted_kind"].as_string().label("lifted_kind"),
        AlertRow.facts["lifted_at"][0].as_string().label("lifted_from"),
        AlertRow.facts["lifted_at"][1].as_string().label("lifted_to"),
        AlertRow.facts["kind"].as_string().label("kind"),
    )
    .where(*_OF_CHAINS)
    .order_by(AlertRow.id)
)
_SPOKEN_OF = (
    select(AlertRow.chain_id, AlertIncidentRow.incident_id)
    .join(AlertIncidentRow, AlertIncidentRow.alert_id == AlertRow.id)
    .where(*_OF_CHAINS)
    .distinct()
)

_NEXT_EXPIRY = select(func.min(AlertRow.expires_at)).where(AlertRow.status.in_(["active", "held"]))
_RENEW = update(AlertRow).where(AlertRow.id == bindparam("of")).values(expires_at=bindparam("then"))


def told_state(
    conn: Connection,
    subjects: Iterable[Subject],
    *,
    exercise: bool = False,
    memory: "ChainMemory | None" = None,
) -> dict[Subject, AlertState]:
    """Return what was last said about each (route, cargo); those nothing was said of are absent.

    Real alerts only, or with `exercise` those of exercises only: neither hides the other.

    A chain that ended with an all-clear or a withdrawal is still returned until it expires;
    `decide` knows that its end was told. Held alerts were told to nobody.
    """
    wanted = set(subjects)
    if not wanted:
        return {}
    given = {"routes": sorted({route for route, _ in wanted}), "exercise": exercise}
    rows = conn.execute(_ACTIVE_ON, given)
    latest = {(row.route, row.cargo): row for row in rows if (row.route, row.cargo) in wanted}
    states = _states(conn, list(latest.values()), memory or ChainMemory())
    return {subject: states[row.id] for subject, row in latest.items()}


def told_over(conn: Connection, incident_ids: Collection[str]) -> dict[Subject, datetime]:
    """Return where it was told that one of these incidents is false or over, and when last.

    A chain that spoke of it has ended since, took something back, or said that this one ended.
    """
    if not incident_ids:
        return {}
    spoke, ended = aliased(AlertRow), aliased(AlertRow)
    query = (
        select(ended.route, ended.cargo, func.max(ended.created_at))
        .join(spoke, spoke.chain_id == ended.chain_id)
        .join(AlertIncidentRow, AlertIncidentRow.alert_id == spoke.id)
        .where(
            AlertIncidentRow.incident_id.in_(sorted(incident_ids)),
            ended.id >= spoke.id,
            or_(
                ended.type.in_(sorted(ENDS)),
                ended.reason == Reason.CORRECTED,
                ended.facts["lifted"].as_string().in_(sorted(incident_ids)),
            ),
            ended.status != "held",
            ended.facts["exercise"].as_boolean().is_(False),
        )
        .group_by(ended.route, ended.cargo)
    )
    return {(route, cargo): at for route, cargo, at in conn.execute(query)}


def due_expired(conn: Connection, *, now: datetime, limit: int = 200) -> list[DueAlert]:
    """Return real active alerts whose time is over, the longest overdue first."""
    query = (
        _TOLD.where(
            AlertRow.status == "active", AlertRow.expires_at <= now, _IS_EXERCISE.is_(False)
        )
        .order_by(AlertRow.expires_at, AlertRow.id)
        .limit(limit)
    )
    rows = list(conn.execute(query))
    states = _states(conn, rows, ChainMemory())
    return [DueAlert(route=row.route, cargo=row.cargo, state=states[row.id]) for row in rows]


def list_severe(conn: Connection, *, said_before: datetime) -> list[DueAlert]:
    """Return real active alerts of severe dangers of which nothing was said since, oldest first."""
    query = _TOLD.where(
        AlertRow.status == "active",
        AlertRow.level == Level.SEVERE,
        AlertRow.created_at <= said_before,
        _IS_EXERCISE.is_(False),
    ).order_by(AlertRow.id)
    rows = list(conn.execute(query))
    states = _states(conn, rows, ChainMemory())
    return [DueAlert(route=row.route, cargo=row.cargo, state=states[row.id]) for row in rows]


def routes_in_danger(conn: Connection) -> set[str]:
    """Return the routes of which a real danger, high or severe, was told last."""
    query = select(AlertRow.route).where(
        AlertRow.status == "active",
        AlertRow.level.in_([Level.HIGH, Level.SEVERE]),
        AlertRow.type.in_([AlertType.ALERT, AlertType.UPDATE]),
        _IS_EXERCISE.is_(False),
    )
    return set(conn.scalars(query.distinct()))


def count_reminders(conn: Connection, chain_id: str) -> int:
    """Return how often a chain was said again since it last said anything new."""
    said = select(AlertRow.reason).where(*_OF_CHAINS).order_by(AlertRow.id.desc())
    reasons = conn.scalars(said, {"chains": [chain_id]})
    return sum(1 for _ in takewhile(lambda reason: reason == Reason.STILL_SEVERE, reasons))


def next_expiry(conn: Connection) -> datetime | None:
    """Return when the next statement runs out that is active or waits; None: none does."""
    return conn.scalar(_NEXT_EXPIRY)


def supersede(conn: Connection, chain_ids: Iterable[str]) -> None:
    """Mark the active alert of each chain as overtaken by what is said next."""
    chains = sorted(set(chain_ids))
    if chains:
        conn.execute(
            update(AlertRow)
            .where(AlertRow.chain_id.in_(chains), AlertRow.status == "active")
            .values(status="superseded")
        )


def end_chain(conn: Connection, chain_id: str, *, now: datetime) -> None:
    """Close a chain without a further word: nothing of it is active or held any more."""
    _end_held(conn, AlertRow.chain_id == chain_id, now=now)
    conn.execute(
        update(AlertRow)
        .where(AlertRow.chain_id == chain_id, AlertRow.status == "active")
        .values(status="ended")
    )


def renew(conn: Connection, until: Mapping[str, datetime]) -> None:
    """Let alerts hold on, by id: the danger is still there and nothing is new."""
    if until:
        conn.execute(_RENEW, [{"of": one, "then": at} for one, at in sorted(until.items())])


def drop_held(conn: Connection, subjects: Iterable[Subject], *, now: datetime) -> None:
    """End what waits for a moderator on these routes and cargoes: it is overtaken or over."""
    wanted = sorted(set(subjects))
    if wanted:
        _end_held(conn, tuple_(AlertRow.route, AlertRow.cargo).in_(wanted), now=now)


def end_expired_held(conn: Connection, *, now: datetime) -> int:
    """End held alerts that nobody released in time, and exercises that are over; return how many.

    Nobody is told: the first reached nobody, the second were no danger.
    """
    over = conn.execute(
        update(AlertRow)
        .where(AlertRow.status == "active", AlertRow.expires_at <= now, _IS_EXERCISE.is_(True))
        .values(status="ended")
    )
    return over.rowcount + _end_held(conn, AlertRow.expires_at <= now, now=now)


def _end_held(conn: Connection, which: ColumnElement[bool], *, now: datetime) -> int:
    # Marked as fanned out, which is what keeps it from being sent: ended alerts are, held are not.
    result = conn.execute(
        update(AlertRow)
        .where(AlertRow.status == "held", which)
        .values(status="ended", fanned_out_at=now)
    )
    return result.rowcount


@dataclass(slots=True)
class _Told:
    """What the alerts of a chain have spoken of so far."""

    said_at: list[datetime] = field(default_factory=list)
    news_said_at: list[datetime] = field(default_factory=list)
    stretches: set[Stretch | None] = field(default_factory=set)
    stretch: Stretch | None = None
    news_on: dict[Stretch | None, datetime] = field(default_factory=dict)
    serious: bool = False
    news: News | None = None
    mentions: dict[str, News] = field(default_factory=dict)
    ends: Ends = field(default_factory=Ends)
    speaks: str | None = None
    peak: Level = Level.UNKNOWN
    doubts: Doubts = field(default_factory=Doubts)

    def hear(self, row: Row[*tuple[Any, ...]]) -> None:
        level = Level(row.level)
        self.said_at.append(row.created_at)
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
        self._kept: OrderedDict[str, _Told] = OrderedDict()
        self._lock = Lock()

    def recall(self, alert_ids: Iterable[str]) -> dict[str, _Told]:
        """Return what is remembered, by the active alert."""
        with self._lock:
            found = {one: self._kept[one] for one in alert_ids if one in self._kept}
            for one in found:
                self._kept.move_to_end(one)
            return found

    def keep(self, told: Mapping[str, _Told]) -> None:
        """Remember; forget what was not asked for longest."""
        with self._lock:
            self._kept.update(told)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)


def _states(
    conn: Connection, rows: Sequence[Row[*tuple[Any, ...]]], memory: ChainMemory
) -> dict[str, AlertState]:
    if not rows:
        return {}
    told = memory.recall(row.id for row in rows)
    unknown = {row.id: row.chain_id for row in rows if row.id not in told}
    if unknown:
        chains: defaultdict[str, _Told] = defaultdict(_Told)
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


def _ended(row: Row[*tuple[Any, ...]]) -> Ended | None:
    towns = (row.lifted_from, row.lifted_to) if row.lifted_from else None
    over = {"incident_id": row.lifted, "kind": row.lifted_kind, "stretch": towns}
    return Ended(at=row.created_at, **over) if row.lifted is not None else None


def _state(row: Row[*tuple[Any, ...]], told: _Told, incident_ids: set[str]) -> AlertState:
    return AlertState(
        id=row.id,
        chain_id=row.chain_id,
        type=AlertType(row.type),
        level=Level(row.level),
        certainty=Certainty(row.certainty),
        created_at=row.created_at,
        references=tuple(row.references),
        incident_ids=frozenset(incident_ids),
        reason=Reason(row.reason),
        expires_at=row.expires_at,
        stretches=frozenset(told.stretches),
        stretch=told.stretch,
        news_on=dict(told.news_on),
        serious=told.serious,
        kind=row.kind,
        said_at=tuple(told.said_at),
        news_said_at=tuple(told.news_said_at),
        news_at=told.news.at if told.news else None,
        news_kind=told.news.kind if told.news else None,
        mentions=told.mentions,
        ended=tuple(told.ends.said),
        speaks=told.speaks,
        peak=told.peak,
        doubtful=frozenset(told.doubts.open),
        unanswered=frozenset(told.doubts.unanswered),
        doubt_at=told.doubts.since,
    )
