"""What the desk and who wrote to it said to one another: what was answered, and what came back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.delivery.delivery import NOT_ARRIVED
from app.delivery.outbox import answers
from app.delivery.outbox.answers import Answer
from app.flows.context import Context
from app.flows.desk.write_back import Writer, find_bar, find_message
from app.incidents import store as incident_store
from app.incidents.store import Hold
from app.subscribers.answerable import ANSWERED_FOR, Bar
from app.subscribers.store import forced, inbound, unread
from app.subscribers.store.forced import Forced
from app.subscribers.store.inbound import Heard
from app.subscribers.store.unread import Span

#: A message that nothing was made of is news for so long; then it is one that nobody dealt with,
#: for as long as its writer could be answered.
_NEWS_FOR = timedelta(hours=24)
_ALL = 2_000
#: Answers, and what came back, are shown on the desk for so long.
_SHOWN_FOR = timedelta(hours=24)
_MOST = 200
#: Of one phone; more is a flood.
_LONGEST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A phone that somebody answered; `back`: what it wrote last since then."""

    heard: Heard
    answer: Answer
    back: Heard | None

    @property
    def waits(self) -> bool:
        """Tell whether somebody should look at it: it wrote again, or did not get the answer."""
        return self.back is not None or self.answer.status in NOT_ARRIVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A message among all of its phone, with the answers to each.

    Attributes:
        bar: Why it cannot be answered.
        put_by: Names of who set one of them aside, by their keys.
        forced: Who has the phone may be forced; None: nobody said so.
        version: Tells what was answered when the page was shown.
    """

    heard: Heard
    said: Sequence[tuple[Heard, Sequence[Answer]]]
    bar: Bar | None
    forced: Forced | None
    hold: Hold | None
    put_by: Mapping[str, str]

    @property
    def last(self) -> Answer | None:
        """Return the last answer to any of them."""
        found = [one for _, answered in self.said for one in answered]
        return max(found, key=lambda one: one.id, default=None)

    @property
    def version(self) -> str:
        """Return what changes with each answer."""
        return self.last.id if self.last is not None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """What people wrote and nobody at the desk dealt with, and what somebody set aside.

    Attributes:
        fresh: Of the last hours: calls for help first, then the newest.
        lapsed: What nobody dealt with while it was news, the newest first.
        put_aside: The newest first; `put_by`: names of who did, by their keys.
        in_all: How many there are of each list by name, where there are more than these.
    """

    fresh: Sequence[Heard]
    lapsed: Sequence[Heard]
    put_aside: Sequence[Heard]
    put_by: Mapping[str, str]
    in_all: Mapping[str, int]


def read_unread(
    conn: Connection,
    *,
    organisation_id: str | None,
    context: Context,
    now: datetime,
    whole: str,
    most: int,
) -> Unread:
    """Return the messages that wait; `most` of what is not news, but all of the list `whole`."""
    vault, week = context.vault, now - ANSWERED_FOR
    lately = Span(since=now - _NEWS_FOR, organisation_id=organisation_id)
    older = Span(since=week, before=lately.since, organisation_id=organisation_id)
    ever = Span(since=week, organisation_id=organisation_id)

    def at_most(name: str) -> int:
        return _ALL if whole == name else most

    fresh = unread.list_unfiled(conn, lately, vault=vault, limit=_ALL)
    lapsed = unread.list_unfiled(conn, older, vault=vault, limit=at_most("lapsed"))
    aside = unread.list_set_aside(conn, ever, vault=vault, limit=at_most("put_aside"))
    in_all = {}
    if len(lapsed) == most:
        in_all["lapsed"] = unread.count_unfiled(conn, older)
    if len(aside) == most:
        in_all["put_aside"] = unread.count_set_aside(conn, ever)
    return Unread(
        fresh=sorted(fresh, key=lambda one: not calls_for_help(one)),
        lapsed=lapsed,
        put_aside=aside,
        put_by=unread.names_of(conn, aside),
        in_all=in_all,
    )


def calls_for_help(one: Heard) -> bool:
    """Tell whether somebody who broke down or is ill wrote it."""
    return one.said is not None and one.said.reading.in_need


def list_talks(
    conn: Connection, *, organisation_id: str | None, context: Context, now: datetime
) -> list[Talk]:
    """Return who was answered lately or wrote back; those first whom somebody should look at."""
    vault, lately = context.vault, now - _SHOWN_FOR
    found = answers.list_lately(
        conn,
        since=now - ANSWERED_FOR,
        organisation_id=organisation_id,
        vault=vault,
        limit=_MOST,
    )
    phones = [phone_index for phone_index, _ in found]
    last = inbound.list_last(conn, phones, organisation_id=organisation_id, vault=vault)
    heard = inbound.list_by_id(conn, [answer.inbound_id for _, answer in found], vault=vault)
    talks = []
    for phone_index, answer in found:
        back = last.get(phone_index)
        if back is not None and (back.id == answer.inbound_id or back.at < answer.created_at):
            back = None
        if (back.at if back is not None else answer.created_at) >= lately:
            talks.append(Talk(heard=heard[answer.inbound_id], answer=answer, back=back))
    return sorted(talks, key=lambda one: not one.waits)


def read_thread(
    conn: Connection,
    inbound_id: str,
    *,
    subject: str,
    writer: Writer,
    context: Context,
    now: datetime,
) -> Thread:
    """Return a message among all that its phone wrote within a week, the oldest first.

    Raises:
        NotFoundError: There is none for this writer.
    """
    heard = find_message(conn, inbound_id, writer, context)
    said = [heard]
    if heard.phone_index is not None:
        since = min(heard.at, now - ANSWERED_FOR)
        found = inbound.list_of_phone(
            conn,
            heard.phone_index,
            since=since,
            organisation_id=writer.organisation_id,
            vault=context.vault,
            limit=_LONGEST,
        )
        said = sorted({one.id: one for one in (heard, *found)}.values(), key=lambda one: one.id)
    answered = answers.list_of(conn, [one.id for one in said], vault=context.vault)
    return Thread(
        heard=heard,
        said=[(one, answered[one.id]) for one in said],
        bar=find_bar(conn, heard, context=context, now=now),
        forced=forced.find_by_phone(conn, heard.phone_index) if heard.phone_index else None,
        hold=incident_store.find_hold(conn, subject, now=now),
        put_by=unread.names_of(conn, said),
    )
