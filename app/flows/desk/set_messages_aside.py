"""Somebody at the desk read an SMS that needs nothing done: it leaves his list, and may return."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Connection

from app.audit import store as audit
from app.core.errors import ConflictError, DomainError, NotFoundError
from app.flows import turns
from app.flows.context import Context
from app.flows.desk.desk_hold import HeldByOtherError
from app.flows.desk.write_back import Writer, find_message
from app.flows.reports.filing import MessageFiledError
from app.subscribers.store import forced, inbound, unread
from app.subscribers.store.inbound import Heard

#: As many as a hand ticks on a page; each costs as much as one that is asked for alone.
MOST_AT_ONCE = 200


class NothingWaitsError(ConflictError):
    """Sira did what the message asks for, or it asks for nothing: it waits for nobody."""

    code: ClassVar[str] = "nothing-waits"
    title: ClassVar[str] = "The message waits for nobody"


class SenderForcedError(ConflictError):
    """Whoever wrote the message may be forced to: it stays in sight until he is free."""

    code: ClassVar[str] = "sender-forced"
    title: ClassVar[str] = "Its sender may be forced"


def set_aside(
    conn: Connection,
    inbound_id: str,
    *,
    writer: Writer,
    note: str | None,
    context: Context,
    now: datetime,
) -> Heard:
    """Let a message wait for nobody any more; what its phone writes next waits as ever.

    One that is set aside stays as it is: who did so, and when.

    Raises:
        NotFoundError: There is no such message for the writer.
        NothingWaitsError, MessageFiledError, SenderForcedError: It is not one to set aside.
    """
    heard = _waiting(conn, inbound_id, writer, context)
    if heard.duress and is_held(conn, heard):
        raise SenderForcedError("Who wrote this may be forced; say first that he is free.")
    if unread.set_aside(conn, inbound_id, by=writer.key_id, at=now):
        detail = {"note": note} if note else {}
        _record(conn, "inbound.set_aside", heard, writer, detail=detail, now=now)
    return find_message(conn, inbound_id, writer, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """What became of several messages: those that wait no more, and why others still do."""

    aside: Sequence[str]
    left: Mapping[str, DomainError]


def set_several_aside(
    conn: Connection,
    inbound_ids: Collection[str],
    *,
    writer: Writer,
    note: str | None,
    context: Context,
    now: datetime,
    held: Collection[str] = (),
) -> Several:
    """Set aside what a flood left, each by the rules of one; what may not go stays, and is named.

    One that stays keeps no other back: among fifty lies there is always one that somebody answers
    meanwhile. Each is on the record by itself.

    Args:
        conn: Open transaction.
        inbound_ids: Of the messages that somebody read.
        writer: Who did.
        note: Why, for the record.
        context: Of the service.
        now: When.
        held: Those of them that somebody else is working on.
    """
    asked = list(dict.fromkeys(inbound_ids))
    found = inbound.list_by_id(conn, asked, vault=context.vault)
    # of several phones at once: one after the other would be a circle to wait in
    turns.for_phone(conn, *{one.phone_index for one in found.values() if one.phone_index})
    aside: list[str] = []
    left: dict[str, DomainError] = {}
    for inbound_id in asked:
        try:
            if inbound_id in held:
                raise HeldByOtherError("Somebody else works on this; take it over first.")
            set_aside(conn, inbound_id, writer=writer, note=note, context=context, now=now)
            aside.append(inbound_id)
        except (ConflictError, NotFoundError) as error:
            left[inbound_id] = error
    return Several(aside=aside, left=left)


def put_back(
    conn: Connection, inbound_id: str, *, writer: Writer, context: Context, now: datetime
) -> Heard:
    """Let a message that was set aside wait again; one that waits goes on waiting.

    Raises:
        NotFoundError: There is no such message for the writer.
        NothingWaitsError, MessageFiledError: It is none that could wait.
    """
    heard = _waiting(conn, inbound_id, writer, context)
    if unread.put_back(conn, inbound_id):
        _record(conn, "inbound.put_back", heard, writer, detail={}, now=now)
    return find_message(conn, inbound_id, writer, context)


def is_held(conn: Connection, heard: Heard) -> bool:
    """Tell whether who has the phone of a message is held to be forced now."""
    return heard.phone_index is not None and (
        forced.find_by_phone(conn, heard.phone_index) is not None
    )


def _waiting(conn: Connection, inbound_id: str, writer: Writer, context: Context) -> Heard:
    heard = find_message(conn, inbound_id, writer, context)
    if heard.phone_index is not None:  # of two at the desk the second sees what the first did
        turns.for_phone(conn, heard.phone_index)
        heard = find_message(conn, inbound_id, writer, context)
    if heard.report_id is not None:
        raise MessageFiledError(
            "A report was made of this message before.", extra={"report_id": heard.report_id}
        )
    if not unread.waits(heard):
        raise NothingWaitsError("The message waits for nobody: there is nothing to set aside.")
    return heard


def _record(
    conn: Connection,
    action: str,
    heard: Heard,
    writer: Writer,
    *,
    detail: dict[str, str],
    now: datetime,
) -> None:
    audit.record(
        conn,
        action,
        heard.id,
        actor=writer.key_id,
        organisation_id=heard.organisation_id,
        detail=detail,
        now=now,
    )
