"""The past played again under some rules, in memory, by the code that rates and tells today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.alert import AlertType, Certainty, Reason
from app.alerts.change import Cause
from app.alerts.records import AlertFilter, StoredAlert
from app.core.levels import Level
from app.db.scratch import scratch
from app.delivery.outbox import counting, fanning
from app.delivery.outbox.counting import Counted
from app.flows import age_out, assess
from app.flows.assess import Changes
from app.flows.context import Context
from app.flows.past.passing import STEP, Passing, age_older_than
from app.flows.preview.past_evidence import Past, Step
from app.flows.rating import rule_books
from app.incidents import store as incident_store
from app.risk import store as risk_store
from app.risk.kept import LevelChange
from app.risk.rules import Rule
from app.subscribers.store import listeners as listener_store
from app.subscribers.store.listeners import Listener

#: More alerts than any window holds.
_ALL = 1_000_000
_BUNDLES = 100
_CHUNK = 5_000
_ACTOR = "preview"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An alert of a run.

    Attributes:
        held: It waits, or waited, for a moderator: nobody was told.
        incidents: Of which it speaks.
    """

    id: str
    at: datetime
    route: str
    cargo: str
    type: AlertType
    before: Level
    level: Level
    certainty: Certainty
    reason: Reason
    held: bool
    incidents: tuple[str, ...]

    @property
    def rises(self) -> bool:
        """Tell whether it brought news of more danger than was told before."""
        grows = self.type is AlertType.UPDATE and self.level.rank > self.before.rank
        return self.type is AlertType.ALERT or grows


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What the rules made of the past.

    Attributes:
        alerts: Raised in the window, in order; `stored`: each as it stood in the end, by id.
        levels: Every change of level, those before the window too.
        messages: Those of the window's alerts, one for each sort of listener.
        listeners: The contact that stands for each sort, and the sort.
    """

    alerts: tuple[Raised, ...]
    stored: Mapping[str, StoredAlert]
    levels: tuple[LevelChange, ...]
    messages: tuple[Counted, ...]
    listeners: Mapping[str, Listener]


def rerun(
    past: Past,
    rules: Sequence[Rule],
    listeners: Sequence[Listener],
    *,
    context: Context,
    start: datetime,
    since: datetime,
    until: datetime,
) -> Run:
    """Return what `rules` would have made of `past`.

    1. At `start` every road is rated from what was known; nothing is told of it.
    2. Each change of evidence is assessed as it was then, and in between time passes.
    3. Who subscribes now is told, on paper. What is counted begins at `since`.

    Args:
        past: From `start` on.
        rules: Of the set; checked.
        listeners: One of each sort that subscribed.
        context: Of this run alone: it remembers what it sees.
        start: Before `since`, so that what was told before is known when the window begins.
        since: The window begins.
        until: The window ends.
    """
    with scratch() as conn:
        risk_store.save_rule_set(conn, rules, note="", actor=_ACTOR, now=start)
        known = {listener_store.add_listener(conn, one, now=start): one for one in listeners}
        playing = _Playing(conn, context, listened=bool(known))
        playing.begin(past, start)
        now = start
        for step in past.steps:
            playing.passing.pass_time(now, step.at)
            playing.take(step)
            now = step.at
        playing.passing.pass_time(now, until)
        return _seen(conn, known, since=since, until=until)


class _Playing:
    """Plays one run on one connection."""

    def __init__(self, conn: Connection, context: Context, *, listened: bool) -> None:
        self._conn, self._context, self._listened = conn, context, listened
        self.passing = Passing(
            age=self._age, expire=self._expire, next_expiry=lambda: alert_store.next_expiry(conn)
        )

    def begin(self, past: Past, start: datetime) -> None:
        """Rate every road from what was known at the beginning; silently."""
        conn, network = self._conn, self._context.config.network
        reach_km = rule_books.active_book(conn, self._context).reach_km
        reached: set[str] = set()
        for incident in past.known:
            reach = network.reach_any(incident.spots, reach_km)
            incident_store.add_incident(conn, incident, cause=_ACTOR, now=start)
            incident_store.add_exposures(conn, incident, reach)
            reached |= reach.keys()
        changes = Changes(cause=Cause.AGED, sections=frozenset(reached), backfill=True)
        assess.assess(conn, changes, actor=_ACTOR, context=self._context, now=start)

    def take(self, step: Step) -> None:
        """Take a change of evidence as it was taken then."""
        for incident in step.changes.incidents.values():
            if incident.id in step.changes.before:
                incident_store.update_incident(self._conn, incident, cause=step.cause, now=step.at)
            else:
                incident_store.add_incident(self._conn, incident, cause=step.cause, now=step.at)
        assess.assess(self._conn, step.changes, actor=_ACTOR, context=self._context, now=step.at)
        self._tell(step.at)

    def _age(self, now: datetime) -> None:
        older = age_older_than(STEP)
        while age_out.age_ratings(self._conn, older_than=older, context=self._context, now=now):
            self._tell(now)

    def _expire(self, now: datetime) -> None:
        while age_out.expire_statements(self._conn, context=self._context, now=now):
            self._tell(now)

    def _tell(self, now: datetime) -> None:
        """Fan out what was raised, as the worker does, and take it for delivered."""
        if not counting.any_untold(self._conn):
            return
        if not self._listened:
            counting.tell_nobody(self._conn)
            return
        while bundles := fanning.list_bundles(self._conn, limit=_BUNDLES):
            for bundle_id in bundles:
                self._fan_out(bundle_id, now)
                counting.take_as_delivered(self._conn)

    def _fan_out(self, bundle_id: str, now: datetime) -> None:
        languages = self._context.config.subscribers.languages
        after, more = None, True
        while more:
            done = fanning.fan_out_step(
                self._conn, bundle_id, languages=languages, after=after, chunk=_CHUNK, now=now
            )
            after, more = done.next_after, done.next_after is not None


def _seen(
    conn: Connection, known: Mapping[str, Listener], *, since: datetime, until: datetime
) -> Run:
    speaks_of = alert_store.all_incidents(conn)
    found = alert_store.list_alerts(conn, AlertFilter(since=since), after=None, limit=_ALL)
    stored = {one.id: one for one in reversed(found) if one.created_at <= until}
    return Run(
        alerts=tuple(
            Raised(
                id=one.id,
                at=one.created_at,
                route=one.route,
                cargo=one.cargo,
                type=one.type,
                before=one.before,
                level=one.level,
                certainty=one.certainty,
                reason=one.reason,
                held=one.fanned_out_at != one.created_at,  # what is told is fanned out at once here
                incidents=speaks_of.get(one.id, ()),
            )
            for one in stored.values()
        ),
        stored=stored,
        levels=tuple(risk_store.all_level_changes(conn)),
        messages=tuple(one for one in counting.list_counted(conn) if one.alert_id in stored),
        listeners=known,
    )
