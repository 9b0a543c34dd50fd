"""Messages that wait for somebody at the desk, and what he sets aside of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, false, func, select, update
from sqlalchemy.orm import aliased

from app.db.tables import AnswerRow, ApiKeyRow, InboundRow
from app.subscribers.conversation import Outcome
from app.subscribers.for_person import NOT_FILED
from app.subscribers.store.inbound import Heard, heard_of, known_to
from app.subscribers.understood import Action
from app.subscribers.vault import Vault

#: By the instant, as the index has it: by id SQLite would walk along all there are.
_NEWEST = (InboundRow.at.desc(), InboundRow.id.desc())


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Messages from `since` on and before `before`, where given; of whom an organisation knows.

    `beyond`: those alone that no command fits, as calls for help are; no reports, which flood in.
    `asked`: reports of known phones alone, of which something was asked back.
    """

    since: datetime
    before: datetime | None = None
    organisation_id: str | None = None
    beyond: bool = False
    asked: bool = False


def list_unfiled(conn: Connection, span: Span, *, vault: Vault, limit: int) -> list[Heard]:
    """Return messages that a person has to read and that nobody dealt with, the newest first.

    They tell of a danger and made no report: nobody's number, or what was asked back and not
    answered by one that made a report since; or deny one, or call for help, whatever came since.
    Nobody at the desk answered since, made a report of them, or set them aside.
    """
    query = _unfiled(select(InboundRow.__table__), span)
    rows = conn.execute(query.order_by(*_NEWEST).limit(limit))
    return [heard_of(row, vault) for row in rows]


def count_unfiled(conn: Connection, span: Span) -> int:
    """Return how many of them there are."""
    return conn.scalar(_unfiled(select(func.count()).select_from(InboundRow), span)) or 0


def list_set_aside(conn: Connection, span: Span, *, vault: Vault, limit: int) -> list[Heard]:
    """Return messages of `span` that somebody set aside, the newest first."""
    query = _aside(select(InboundRow.__table__), span)
    rows = conn.execute(query.order_by(*_NEWEST).limit(limit))
    return [heard_of(row, vault) for row in rows]


def count_set_aside(conn: Connection, span: Span) -> int:
    """Return how many of them there are."""
    return conn.scalar(_aside(select(func.count()).select_from(InboundRow), span)) or 0


def set_aside(conn: Connection, inbound_id: str, *, by: str, at: datetime) -> bool:
    """Keep that nothing is to be done about a message; return whether that is new."""
    row = InboundRow.id == inbound_id, InboundRow.set_aside_at.is_(None)
    values = {"set_aside_at": at, "set_aside_by": by}
    return bool(conn.execute(update(InboundRow).where(*row).values(**values)).rowcount)


def put_back(conn: Connection, inbound_id: str) -> bool:
    """Let a message wait again; return whether it was set aside."""
    row = InboundRow.id == inbound_id, InboundRow.set_aside_at.is_not(None)
    values = {"set_aside_at": None, "set_aside_by": None}
    return bool(conn.execute(update(InboundRow).where(*row).values(**values)).rowcount)


def names_of(conn: Connection, heard: Sequence[Heard]) -> dict[str, str]:
    """Return the names of the keys with which these were set aside, by their ids."""
    keys = {one.set_aside_by for one in heard if one.set_aside_by}
    found = conn.execute(select(ApiKeyRow.id, ApiKeyRow.name).where(ApiKeyRow.id.in_(keys)))
    return {row.id: row.name for row in found}


def waits(heard: Heard) -> bool:
    """Tell whether a message is one that a person has to read, dealt with or not."""
    if heard.for_person is not None:
        return heard.for_person
    if heard.action is Action.REPORT:
        return heard.outcome in NOT_FILED
    return heard.action is Action.UNCLEAR and heard.outcome is Outcome.NOTHING


def _unfiled(query: Select[Any], span: Span) -> Select[Any]:
    later = aliased(InboundRow)
    followed = exists().where(
        later.phone_index == InboundRow.phone_index,
        later.id > InboundRow.id,
        later.outcome == Outcome.DONE,  # by the phone itself: the desk made one of that message
        later.report_id.is_not(None),
        ~later.duress,  # whoever has taken a phone takes nothing back that was told before
    )
    other = aliased(InboundRow)
    answered = exists().where(
        AnswerRow.inbound_id == other.id,
        AnswerRow.created_at >= InboundRow.at,
        other.phone_index == InboundRow.phone_index,
        _whose(other) == _whose(InboundRow),  # by the index of the phone
    )
    # a call for help, or a denial, is answered by no report of something else: who broke down at
    # Fana and then tells of an attack at Boni still stands at Fana
    stays = (InboundRow.action == Action.UNCLEAR) & (InboundRow.outcome == Outcome.NOTHING)
    query = query.where(
        InboundRow.for_person.is_not(false()),  # as the index has it
        InboundRow.at >= span.since,
        _is_for_person(),
        _unmade(),
        _full(),
        InboundRow.set_aside_at.is_(None),
        stays | ~followed,
        ~answered,
        *known_to(span.organisation_id),
    )
    if span.before is not None:
        query = query.where(InboundRow.at < span.before)
    if span.beyond:
        query = query.where(InboundRow.action == Action.UNCLEAR)
    if span.asked:
        query = query.where(
            InboundRow.action == Action.REPORT,
            InboundRow.outcome == Outcome.ASKED,
        )
    return query


def _aside(query: Select[Any], span: Span) -> Select[Any]:
    aside = InboundRow.set_aside_at.is_not(None)
    whose = known_to(span.organisation_id)
    return query.where(aside, InboundRow.at >= span.since, _unmade(), _full(), *whose)


def _whose(row: type[InboundRow]) -> ColumnElement[str]:
    return func.coalesce(row.organisation_id, "")


def _is_for_person() -> ColumnElement[bool]:
    """As `waits` has it."""
    reports = (InboundRow.action == Action.REPORT) & InboundRow.outcome.in_(NOT_FILED)
    denies = (InboundRow.action == Action.UNCLEAR) & (InboundRow.outcome == Outcome.NOTHING)
    return InboundRow.for_person.is_not(None) | reports | denies


def _unmade() -> ColumnElement[bool]:
    """No report was made of it. SQLite would walk along all those of which none was, of years."""
    return func.coalesce(InboundRow.report_id, "") == ""


def _full() -> ColumnElement[bool]:
    return InboundRow.said_sealed.is_not(None)
