"""Of a danger was asked where on a long road it was, and nobody answers: all of the road is told.

Whoever wrote "attack between Kayes and Diéma" may know no more, or be out of reach; until he
answers nobody else on those 260 km would hear of it.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from app.core.clock import Clock
from app.core.ids import first_id
from app.db.engine import Database
from app.flows import turns
from app.flows.context import Context
from app.flows.desk.unlocated import place_unlocated
from app.flows.messages.inbound_effects import Hearing, act
from app.incidents import store as incident_store
from app.incidents.kinds import Kinds
from app.incidents.report import DANGERS
from app.incidents.store import StoredReport
from app.roads.locating import locate
from app.roads.places import Location
from app.roads.placing import somewhere_on
from app.subscribers.contact import phone_indexes
from app.subscribers.conversation import settle
from app.subscribers.store import forced, inbound, senders, unread
from app.subscribers.store.inbound import Heard
from app.subscribers.store.unread import Span
from app.subscribers.understood import Choice, Reading, When

_log = logging.getLogger(__name__)

#: Whoever is asked answers within minutes, or not at all.
_ASKED_FOR = timedelta(minutes=10)
#: What is older is no news: a person at the desk decides on it.
_NEWS_FOR = timedelta(hours=24)
#: Of one look; more is a flood.
_MOST = 300
_ACTOR = "clock"

#: Returns what one that waits comes to, if it still does: whether anybody has to be told now.
_Deed = Callable[[Connection], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """A danger of which nobody knows where it was; `phone_index`: of whoever wrote it by SMS."""

    id: str
    phone_index: str | None = None


def list_unplaced(
    conn: Connection, context: Context, *, since: datetime, before: datetime
) -> list[Stands]:
    """Return dangers that came between these instants and wait for a place, the newest first.

    Those that strangers write by SMS are not among them: numbers are forged, and they are no more
    than a message at the desk.
    """
    heard = [
        Stands(id=one.id, phone_index=one.phone_index)
        for one in _unfiled(conn, context, since=since, before=before)
    ]
    reports = _unlocated(conn, context, since=since, before=before)
    found = [*heard, *(Stands(id=one.id) for one in reports)]
    return sorted(found, key=lambda one: one.id, reverse=True)


async def tell_unanswered(
    db: Database, context: Context, clock: Clock, *, made: Callable[[], None]
) -> int:
    """Tell dangers on a long road of all of it, where nobody said in ten minutes where on it.

    A message is filed as the answer "nobody knows where" would have filed it, and may still be
    answered: a town that is named then is where it was. A report that waits at the desk is placed
    as a moderator would. What somebody has open at the desk, and what may be written under duress,
    is left to him.

    Args:
        db: Of the service.
        context: Of the service.
        clock: Of the service.
        made: Called for each that somebody has to be told of.

    Returns:
        How many were told.
    """
    now = clock.now()
    deeds = await db.read(lambda conn: _deeds(conn, context, now=now))
    told = 0
    for deed in deeds:
        try:
            is_news = await db.write(deed)
        except Exception:  # noqa: BLE001 - one bad message must not stop the others
            _log.exception("unanswered.failed")
            continue
        if is_news:
            told += 1
            made()
    return told


def _deeds(conn: Connection, context: Context, *, now: datetime) -> list[_Deed]:
    since, before = now - _NEWS_FOR, now - _ASKED_FOR
    held = incident_store.list_holds(conn, now=now)
    heard = [
        one
        for one in _unfiled(conn, context, since=since, before=before)
        if f"message:{one.id}" not in held and _settled(one, context) is not None
    ]
    waiting = [
        one
        for one in _unlocated(conn, context, since=since, before=before)
        if f"report:{one.id}" not in held and _all_of_it(one, context) is not None
    ]
    doubted = _doubted(conn, heard, waiting)
    file = partial(_file, context=context, now=now)
    place = partial(_place, context=context, now=now)
    return [
        *(partial(file, one=one) for one in heard if one.id not in doubted),
        *(partial(place, report_id=one.id) for one in waiting if one.id not in doubted),
    ]


def _doubted(
    conn: Connection, heard: Sequence[Heard], waiting: Sequence[StoredReport]
) -> Collection[str]:
    """Return which of these somebody may have been forced to send."""
    by_phone = {
        one.id
        for one in heard
        if one.phone_index is None or forced.find_by_phone(conn, one.phone_index) is not None
    }
    return by_phone | inbound.under_duress(conn, [one.id for one in waiting])


def _unfiled(
    conn: Connection, context: Context, *, since: datetime, before: datetime
) -> Sequence[Heard]:
    """Return dangers that known phones wrote, about which something was asked and not answered."""
    span = Span(since=since, before=before, asked=True)
    found = unread.list_unfiled(conn, span, vault=context.vault, limit=_MOST)
    kinds = context.config.kinds
    return [one for one in found if one.kind is None or _is_danger(one.kind, kinds)]


def _unlocated(
    conn: Connection, context: Context, *, since: datetime, before: datetime
) -> Sequence[StoredReport]:
    kinds = context.config.kinds
    # all of it is asked of the database: a file of history must not fill the look
    return incident_store.list_unlocated(
        conn,
        after=first_id(before),
        limit=_MOST,
        since_id=first_id(since),
        live=[one.code for one in kinds if one.family in DANGERS],
    )


def _is_danger(code: str | None, kinds: Kinds) -> bool:
    kind = kinds.find(code) if code else None
    return kind is not None and kind.family in DANGERS


def _settled(one: Heard, context: Context) -> Reading | None:
    """Return the message with "nobody knows where" for an answer; None: that was not offered."""
    if one.said is None or one.phone is None:
        return None
    choice = _somewhere(one.said.reading.choices)
    if choice is None:
        return None
    config = context.config
    reading = settle(one.said, choice, lexicon=config.commands, gazetteer=context.gazetteer)
    if reading.missing or reading.location is None:
        return None
    return replace(reading, when=reading.when or When(one.at, "instant"))


def _somewhere(choices: Sequence[Choice]) -> Choice | None:
    return next((one for one in choices if one.ends is not None), None)


def _all_of_it(one: StoredReport, context: Context) -> Location | None:
    """Return all of the road on which a report waits to be placed; None: it is of none."""
    if one.filed is None:
        return None
    found = locate(one.filed.place_query(context.config.kinds), context.gazetteer)
    if isinstance(found, Location) or found.road is None or not found.road.may_be_all:
        return None
    return somewhere_on(found.road.ends, context.gazetteer)


def _file(conn: Connection, *, one: Heard, context: Context, now: datetime) -> bool:
    """Make a report of a message, in the turn of its phone: he may be answering just now."""
    reading, phone = _settled(one, context), one.phone
    if reading is None or phone is None or one.phone_index is None:
        return False
    turns.for_phone(conn, one.phone_index)
    still = _unfiled(conn, context, since=one.at, before=one.at + timedelta(microseconds=1))
    if one.id not in {each.id for each in still} or _doubted(conn, [one], []):
        return False
    numbers = phone_indexes(context.vault, phone)
    channel = next(iter(numbers))
    hearing = Hearing(
        id=one.id,
        key=f"{one.provider}:{one.message_id}",
        text=one.said.text if one.said else "",
        phone_index=one.phone_index,
        numbers=numbers,
        channel=channel,
        known=senders.find_known(conn, one.phone_index, at=(channel, numbers[channel])),
        forced=None,
        context=context,
        now=now,
    )
    effect = act(conn, reading, hearing)
    if effect.report is None or effect.report_id is None:
        return False
    inbound.keep_report(conn, one.id, effect.report_id)
    return effect.report.alerts > 0


def _place(conn: Connection, *, report_id: str, context: Context, now: datetime) -> bool:
    turns.alone(conn)
    stored = incident_store.get_report(conn, report_id)
    location = _all_of_it(stored, context)
    if location is None or stored.set_aside_at is not None:  # placed, or put aside meanwhile
        return False
    if _doubted(conn, [], [stored]):
        return False
    answer = place_unlocated(conn, report_id, location, actor=_ACTOR, context=context, now=now)
    return any(effect["alert_id"] for effect in answer["effects"])
