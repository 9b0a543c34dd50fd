"""What the person on duty is told, or an organisation: one row for each thing and channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Integer, and_, bindparam, func, insert, or_, select, update

from app.core.ids import new_id
from app.core.levels import Level
from app.db.ids import uuid7_prefix
from app.db.tables import AlertRow, ContactChannelRow, ContactRow, NoticeRow
from app.db.types import UtcDateTime
from app.delivery.fail_over import to_tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something to tell: `number` recipients whom the alert `about` did not reach, or a provider.

    Attributes:
        words: Route and cargo; why the provider refuses us; the step of a budget.
        sent_at: When it was last sent; None: it never was.
        contact_id: Told in place of the person on duty, at `address_sealed`, in `language`; of
            `organisation_id`.
    """

    id: str
    kind: str
    about: str
    channel: str
    words: str
    number: int
    attempts: int
    sent_at: datetime | None = None
    contact_id: str | None = None
    address_sealed: bytes | None = None
    language: str | None = None
    organisation_id: str | None = None


def note(
    conn: Connection,
    *,
    kind: str,
    about: str,
    words: str,
    number: int,
    channels: Sequence[str],
    remind: timedelta,
    now: datetime,
    contact_id: str | None = None,
) -> bool:
    """Write down something for the person on duty; tell whether it is to be sent now.

    Once for each `about` and channel. Another number is kept, and sent again when it has doubled;
    a provider that refuses us anew after `remind` is told anew.
    """
    query = select(NoticeRow).where(NoticeRow.about == about).with_for_update()
    known = {row.channel: row for row in conn.execute(query.with_only_columns(*_STATE))}
    told = False
    for channel in channels:
        row = known.get(channel)
        if row is None:
            one = {"kind": kind, "about": about, "words": words, "channel": channel}
            _add(conn, **one, number=number, contact_id=contact_id, now=now)
            told = True
            continue
        anew = kind == PROVIDER and row.sent_at is not None and now - row.sent_at >= remind
        due = anew or to_tell(number, told=row.told, sent_at=row.sent_at, remind=remind, now=now)
        values = {"number": number, "words": words}
        if due and row.due_at is None:
            values |= {"due_at": now, "attempts": 0}
            told = True
        conn.execute(update(NoticeRow).where(NoticeRow.id == row.id).values(**values))
    return told


def note_of_day(
    conn: Connection,
    *,
    kind: str,
    number: int,
    channels: Sequence[str],
    remind: timedelta,
    now: datetime,
) -> None:
    """Write down a number for the person on duty, as `note` does: one a day of each kind."""
    note(
        conn,
        kind=kind,
        about=f"{kind}:{now:%Y-%m-%d}",
        words="",
        number=number,
        channels=channels,
        remind=remind,
        now=now,
    )


UNREACHED, PROVIDER, DURESS = "unreached", "provider", "duress"
#: Many people wrote STOP within an hour; known phones write without end. "<kind>:<day>" in `about`.
STOPS, FLOOD = "stops", "flood"
#: Many people are warned no more, within an hour and by other ways. "silenced:<day>" in `about`.
SILENCED = "silenced"
#: One unknown source tells of many dangers within an hour. "stranger:<day>" in `about`.
STRANGER = "stranger"
#: Calls for help stand unread at the desk: "help:<the newest message>" in `about`.
HELP, HELP_OF = "help", "help:"
#: Dangers wait at the desk for their place: "unplaced:<the newest>" in `about`.
UNPLACED = "unplaced"
#: Of these the deputy is told while nobody acts: "<kind>:<the newest that stands>" in `about`.
HELP_STANDS, UNPLACED_STANDS = "help_stands", "unplaced_stands"
#: Likewise of severe alerts that did not reach people: "unreached_stands:<the newest>" in `about`.
UNREACHED_STANDS = "unreached_stands"
#: Organisations do not answer, and have nobody left to tell: "unanswered:<alert>" in `about`.
UNANSWERED, UNANSWERED_OF = "unanswered", "unanswered:"
#: An organisation's money runs short: told to the person on duty, and to the organisation.
BUDGET, OWN_BUDGET = "budget", "own_budget"
#: A code that a contact asked for; `words` is the code, sealed, and "" once it was sent.
SIGN_IN, SIGN_IN_OF = "sign_in", "sign_in:"
#: What was sent to the person on duty did not arrive: told by another way, "missed:<way>:<day>".
MISSED, MISSED_OF = "missed", "missed:"
#: Stand before "<organisation>:<month>:<step>" in `about`.
BUDGET_OF, OWN_BUDGET_OF = "budget:", "own:"
#: What this version has words for. What a newer one beside it writes waits for a newer worker.
KINDS = frozenset(
    {
        UNREACHED, PROVIDER, DURESS, STOPS, FLOOD, SILENCED, UNANSWERED, MISSED, BUDGET,
        OWN_BUDGET, SIGN_IN, HELP, STRANGER, UNPLACED, HELP_STANDS,
        UNPLACED_STANDS, UNREACHED_STANDS,
    }
)  # fmt: skip

#: A notice that has been tried so often in vain is missed, though it is tried on.
_IN_VAIN = 4
#: What went wrong longer ago, and was followed by nothing, says nothing of today.
_LATELY = timedelta(days=30)

#: None waits for so long to be tried again: the clock was put back, and it is due.
_FARTHEST = timedelta(minutes=20)

# built once: every worker asks all the time
_DUE = (
    select(
        NoticeRow.id,
        NoticeRow.kind,
        NoticeRow.about,
        NoticeRow.channel,
        NoticeRow.words,
        NoticeRow.number,
        NoticeRow.attempts,
        NoticeRow.sent_at,
        NoticeRow.contact_id,
        ContactChannelRow.address_sealed,
        ContactRow.language,
        ContactRow.organisation_id,
    )
    .outerjoin(
        ContactChannelRow,
        and_(
            ContactChannelRow.contact_id == NoticeRow.contact_id,
            ContactChannelRow.channel == NoticeRow.channel,
            ContactChannelRow.status == "active",
        ),
    )
    .outerjoin(ContactRow, ContactRow.id == NoticeRow.contact_id)
    .where(
        NoticeRow.due_at.is_not(None),  # else SQLite walks all that were ever sent
        or_(
            NoticeRow.due_at <= bindparam("b_now", type_=UtcDateTime()),
            NoticeRow.due_at > bindparam("b_far", type_=UtcDateTime()),
        ),
        NoticeRow.kind.in_(sorted(KINDS)),
    )
    .order_by(NoticeRow.due_at)
    .limit(bindparam("b_limit", type_=Integer()))
    .with_for_update(of=NoticeRow, skip_locked=True)
)
_STATE = (NoticeRow.id, NoticeRow.channel, NoticeRow.told, NoticeRow.sent_at, NoticeRow.due_at)


def send_code(
    conn: Connection, code_id: str, contact_id: str, *, channel: str, sealed: str, now: datetime
) -> None:
    """Have a code sent to a contact."""
    _add(
        conn,
        kind=SIGN_IN,
        about=f"{SIGN_IN_OF}{code_id}",
        words=sealed,
        number=1,
        channel=channel,
        contact_id=contact_id,
        now=now,
    )


def last_of_kind(conn: Connection, kind: str, *, since: datetime) -> datetime | None:
    """Return when something of this kind was last noted since then; None: it was not."""
    lately = NoticeRow.id >= uuid7_prefix(since)  # by the key: of all kinds, but of a day only
    return conn.scalar(select(func.max(NoticeRow.created_at)).where(lately, NoticeRow.kind == kind))


def list_severe_unreached(conn: Connection, *, after: datetime, until: datetime) -> Sequence[str]:
    """Return the severe alerts of which was noted then that they did not reach all, newest first.

    `after` is not in it, `until` is.
    """
    query = (
        select(NoticeRow.about)
        .join(AlertRow, AlertRow.id == NoticeRow.about)
        .where(
            NoticeRow.id >= uuid7_prefix(after),
            NoticeRow.kind == UNREACHED,
            NoticeRow.created_at > after,
            NoticeRow.created_at <= until,
            AlertRow.level_rank >= Level.SEVERE.rank,
        )
        .distinct()
        .order_by(NoticeRow.about.desc())
    )
    return conn.scalars(query).all()


def take_due(conn: Connection, *, limit: int, now: datetime, lease: timedelta) -> list[Notice]:
    """Return notices to send, and keep other workers off for `lease`."""
    given = {"b_now": now, "b_far": now + _FARTHEST, "b_limit": limit}
    found = [Notice(**row) for row in conn.execute(_DUE, given).mappings()]
    if not found:
        return []
    conn.execute(
        update(NoticeRow)
        .where(NoticeRow.id.in_([one.id for one in found]))
        .values(due_at=now + lease, attempts=NoticeRow.attempts + 1)
    )
    return found


def told(conn: Connection, notice: Notice, *, now: datetime) -> None:
    """Write down that a notice was sent with the number it has here."""
    conn.execute(
        update(NoticeRow)
        .where(NoticeRow.id == notice.id)
        .values(told=notice.number, sent_at=now, due_at=None, **_forgotten(notice))
    )


def put_off(conn: Connection, notice: Notice, *, due_at: datetime | None) -> None:
    """Try again at `due_at`; None: never, nobody can be told this way."""
    values = {"due_at": due_at} | (_forgotten(notice) if due_at is None else {})
    conn.execute(update(NoticeRow).where(NoticeRow.id == notice.id).values(**values))


def came_back(
    conn: Connection, notice_id: str, *, duty: Sequence[str], now: datetime
) -> str | None:
    """Write down that a notice that was taken did not arrive; return its channel, None: no such.

    It counts as never sent: the next one of the same thing is sent, whatever its number. A code is
    asked for anew by whoever waits for it.
    """
    row = conn.execute(
        select(NoticeRow.kind, NoticeRow.channel, NoticeRow.contact_id)
        .where(NoticeRow.id == notice_id)
        .with_for_update()
    ).first()
    if row is None:
        return None
    if row.kind != SIGN_IN:
        missed = update(NoticeRow).where(NoticeRow.id == notice_id)
        conn.execute(missed.values(sent_at=None, told=None))
    if row.contact_id is None:
        say_missed(conn, row.channel, duty=duty, now=now)
    return str(row.channel)


def is_in_vain(notice: Notice, due_at: datetime | None) -> bool:
    """Tell whether a notice that was just tried, to be tried again at `due_at`, is missed."""
    return due_at is None or notice.attempts + 1 >= _IN_VAIN


def say_missed(conn: Connection, channel: str, *, duty: Sequence[str], now: datetime) -> None:
    """Tell the person on duty by another way, once a day, that one does not reach him."""
    note(
        conn,
        kind=MISSED,
        about=f"{MISSED_OF}{channel}:{now:%Y-%m-%d}",
        words=channel,
        number=1,
        channels=[other for other in duty if other != channel],
        remind=_LATELY,
        now=now,
    )


def list_missed(conn: Connection, *, duty: Sequence[str], now: datetime) -> tuple[str, ...]:
    """Return the channels by which the person on duty did not get what was last sent."""
    lately = NoticeRow.id >= uuid7_prefix(now - _LATELY)
    at = func.coalesce(NoticeRow.sent_at, NoticeRow.created_at)
    over = or_(NoticeRow.due_at.is_(None), NoticeRow.attempts >= _IN_VAIN)
    missed = and_(NoticeRow.sent_at.is_(None), NoticeRow.attempts > 0, over)
    last = (
        select(
            NoticeRow.channel,
            missed.label("missed"),
            func.row_number()
            .over(partition_by=NoticeRow.channel, order_by=at.desc())
            .label("place"),
        )
        .where(
            lately,
            NoticeRow.contact_id.is_(None),
            NoticeRow.channel.in_(sorted(duty)),
            or_(missed, NoticeRow.sent_at.is_not(None)),
        )
        .subquery()
    )
    query = select(last.c.channel).where(last.c.place == 1, last.c.missed)
    return tuple(conn.scalars(query.order_by(last.c.channel)))


def _forgotten(notice: Notice) -> dict[str, str]:
    return {"words": ""} if notice.kind == SIGN_IN else {}


def _add(
    conn: Connection,
    *,
    kind: str,
    about: str,
    words: str,
    number: int,
    channel: str,
    contact_id: str | None,
    now: datetime,
) -> None:
    conn.execute(
        insert(NoticeRow).values(
            id=new_id(now),
            kind=kind,
            about=about,
            channel=channel,
            words=words[:200],
            number=number,
            contact_id=contact_id,
            due_at=now,
            attempts=0,
            created_at=now,
        )
    )
