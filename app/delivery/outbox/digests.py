"""Messages that say several alerts: which have no text yet, and which are put anew."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from app.alerts.templates import ONE_SEGMENT
from app.db.tables import AlertRow, DeliveryRow, DigestRow, MessageRow
from app.delivery.delivery import NOT_ARRIVED, Status
from app.delivery.moment import Why
from app.delivery.outbox.among import among
from app.delivery.outbox.chunks import (
    Span,
    comes_before,
    list_overtaken_alerts,
    overtakes,
    within,
)
from app.delivery.outbox.joins import put_right_since
from app.delivery.outbox.words import (
    IN_DIGEST,
    NEVER,
    OVERTAKEN,
    SAID_TOGETHER,
    UNSETTLED,
)

#: Begins the id of what tells the next contact of an organisation that nobody answers.
ESCALATION = "escalation:"
#: Keys in one statement: below the limit of bound parameters of either database.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwritten:
    """A message that has no text yet, and the alerts that it says, in no order."""

    id: str
    alert_ids: tuple[str, ...]


def list_unwritten(conn: Connection, alert_ids: Sequence[str], span: Span) -> tuple[Unwritten, ...]:
    """Return what contacts of a chunk are to read in one message, and nobody has written yet."""
    query = (
        select(DeliveryRow.digest_id, func.min(DeliveryRow.contact_id).label("contact_id"))
        .where(
            DeliveryRow.alert_id.in_(alert_ids),
            DeliveryRow.digest_id.is_not(None),
            DeliveryRow.status == Status.QUEUED,
            within(DeliveryRow.contact_id, span),
            ~exists().where(DigestRow.id == DeliveryRow.digest_id),
        )
        .group_by(DeliveryRow.digest_id)
    )
    found = []
    for row in conn.execute(query).all():
        said = (
            select(DeliveryRow.alert_id)
            .distinct()
            .where(DeliveryRow.digest_id == row.digest_id, DeliveryRow.contact_id == row.contact_id)
        )
        found.append(Unwritten(id=row.digest_id, alert_ids=tuple(conn.scalars(said))))
    return tuple(found)


def add_digests(conn: Connection, texts: Sequence[Mapping[str, Any]]) -> None:
    """Store rendered texts; one that is there stays, so that all recipients read the same."""
    if not texts:
        return
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    conn.execute(dialect.insert(DigestRow).on_conflict_do_nothing(), list(texts))


def known(conn: Connection, digest_ids: Sequence[str]) -> set[str]:
    """Return those of the digests whose texts are written."""
    found: set[str] = set()
    for start in range(0, len(digest_ids), _AT_ONCE):
        some = digest_ids[start : start + _AT_ONCE]
        found |= set(conn.scalars(select(DigestRow.id).where(DigestRow.id.in_(some)).distinct()))
    return found


def find_message(
    conn: Connection,
    alert_id: str,
    *,
    channel: str,
    language: str,
    digest_id: str | None = None,
) -> Any | None:
    """Return the text (`subject`, `text`, `html`) of an alert, or of the digest that says it.

    A digest that `names` a contact has no name in it; see `flows.own_words`. Where an escalation
    has no words for a channel, those of its alert.

    Where there is none in one segment, because it was written by a version or for a number that
    knew no such text, the longer one: it may come in pieces, but it comes.
    """
    plain = language.removesuffix(ONE_SEGMENT)
    forms = dict.fromkeys((language, plain))
    found: Any | None
    for form in forms if digest_id is not None else ():
        named = {"b_digest": digest_id, "b_channel": channel, "b_language": form}
        if (found := conn.execute(_DIGEST, named).one_or_none()) is not None:
            return found
    if digest_id is not None and not digest_id.startswith(ESCALATION):
        return None
    for form in forms:
        given = {"b_alert": alert_id, "b_channel": channel, "b_language": form}
        if (found := conn.execute(_MESSAGE, given).one_or_none()) is not None:
            return found
    return None


# Built once: every claim asks.
_MESSAGE = select(MessageRow.subject, MessageRow.text, MessageRow.html).where(
    MessageRow.alert_id == bindparam("b_alert"),
    MessageRow.channel == bindparam("b_channel"),
    MessageRow.language == bindparam("b_language"),
)
_DIGEST = select(
    DigestRow.subject, DigestRow.text, DigestRow.html, DigestRow.names, DigestRow.language
).where(
    DigestRow.id == bindparam("b_digest"),
    DigestRow.channel == bindparam("b_channel"),
    DigestRow.language == bindparam("b_language"),
)


def dissolve(conn: Connection, alert_ids: Sequence[str], span: Span, *, now: datetime) -> None:
    """Take apart messages that have not left and say an alert that is overtaken by now.

    Everything in them waits again, and is put into another message at once: nobody reads of a
    danger that was withdrawn, and nobody misses what stood beside it.
    """
    said = (
        select(DeliveryRow.digest_id, DeliveryRow.contact_id)
        .where(
            DeliveryRow.alert_id.in_(alert_ids),
            DeliveryRow.digest_id.is_not(None),
            within(DeliveryRow.contact_id, span),
        )
        .distinct()
        .subquery()
    )
    queued = (
        select(DeliveryRow.contact_id, DeliveryRow.channel, DeliveryRow.digest_id)
        .join(
            said,
            and_(
                said.c.digest_id == DeliveryRow.digest_id,
                said.c.contact_id == DeliveryRow.contact_id,
            ),
        )
        .where(DeliveryRow.status == Status.QUEUED, ~may_have_left())
        .with_for_update(of=DeliveryRow)
    )
    keys = [tuple(row) for row in conn.execute(queued)]
    for start in range(0, len(keys), _AT_ONCE):
        key = tuple_(DeliveryRow.contact_id, DeliveryRow.channel, DeliveryRow.digest_id)
        conn.execute(
            update(DeliveryRow)
            .where(
                key.in_(keys[start : start + _AT_ONCE]),
                DeliveryRow.status.in_([Status.QUEUED, Status.SUPPRESSED]),
            )
            .values(**_waits_again(now))
        )


def said_by(carrier: Any) -> ColumnElement[bool]:
    """Return the condition that a row was never sent because the message `carrier` says it, too.

    Each half has what its index has, and the status is said by what it is not: SQLite would begin
    with every row that was ever left unsent, and read for each all that its contact ever got.
    """
    his = carrier.contact_id == DeliveryRow.contact_id
    same_digest = and_(
        his, DeliveryRow.error_code == IN_DIGEST, DeliveryRow.digest_id == carrier.digest_id
    )
    same_text = and_(
        his,
        DeliveryRow.error_code == SAID_TOGETHER,
        carrier.digest_id.is_(None),
        DeliveryRow.created_at == carrier.created_at,
    )
    return and_(
        carrier.channel == DeliveryRow.channel,
        DeliveryRow.status.not_in([one for one in Status if one is not Status.SUPPRESSED]),
        or_(same_digest, same_text),
    )


def lose_with_carrier(conn: Connection, people: Sequence[str], *, since: datetime) -> None:
    """Count as lost what was said by a message that was, at an address that was put right.

    What holds still of it is told at the right one like that message's own alert. `since`: what was
    said earlier is looked at no more.
    """
    carrier = aliased(DeliveryRow, name="carrier")
    conn.execute(
        update(DeliveryRow)
        .where(
            among(conn, DeliveryRow.contact_id, people),
            DeliveryRow.created_at > since,
            DeliveryRow.error_code.in_([IN_DIGEST, SAID_TOGETHER]),
            exists().where(AlertRow.id == DeliveryRow.alert_id, AlertRow.status == "active"),
            exists().where(
                said_by(carrier),
                carrier.status.in_(NOT_ARRIVED),
                put_right_since("carrier"),
            ),
        )
        .values(status=Status.UNDELIVERED)
    )


def list_overtaken(conn: Connection, digest_ids: Collection[str]) -> set[tuple[str, str]]:
    """Return (digest, contact) of messages that say an alert which is overtaken by now."""
    if not digest_ids:
        return set()
    said, later = aliased(AlertRow, name="said"), aliased(AlertRow, name="later")
    answer = aliased(DeliveryRow, name="answer")
    query = (
        select(DeliveryRow.digest_id, DeliveryRow.contact_id)
        .join(said, said.id == DeliveryRow.alert_id)
        .join(later, and_(comes_before(said, later), overtakes(later, said)))
        .join(
            answer,
            and_(answer.alert_id == later.id, answer.contact_id == DeliveryRow.contact_id),
        )
        .where(
            # said so that SQLite begins with these, and not with every alert that is over by now
            DeliveryRow.digest_id.is_not(None),
            among(conn, DeliveryRow.digest_id, sorted(digest_ids)),
            said.status.not_in(["active", "held"]),
            # one that is over may be said on purpose: only if its end is told by another message
            answer.status != Status.SUPPRESSED,
            func.coalesce(answer.digest_id, "") != DeliveryRow.digest_id,
            answer.created_at >= func.coalesce(DeliveryRow.counts_at, DeliveryRow.created_at),
        )
    )
    return {(row.digest_id, row.contact_id) for row in conn.execute(query)}


def take_apart(conn: Connection, carriers: Sequence[Any], *, now: datetime) -> None:
    """Take apart claimed messages that have not left, and say an alert that is overtaken by now.

    They were in the air when what overtook it was told, see `dissolve`, and came back. What is
    overtaken ends; what stood beside it waits again, and is put into another message.
    """
    if not carriers:
        return
    carrier = aliased(DeliveryRow, name="carrier")
    ids = [one.id for one in carriers]
    beside = (
        select(DeliveryRow.id, DeliveryRow.alert_id, AlertRow.status)
        .join(carrier, said_by(carrier))
        .join(AlertRow, AlertRow.id == DeliveryRow.alert_id)
        .where(among(conn, carrier.id, ids))
    )
    own = (
        select(DeliveryRow.id, DeliveryRow.alert_id, AlertRow.status)
        .join(AlertRow, AlertRow.id == DeliveryRow.alert_id)
        .where(among(conn, DeliveryRow.id, ids))
    )
    rows = [*conn.execute(own), *conn.execute(beside)]
    answered = [row.alert_id for row in rows if row.status == "superseded"]
    ended = {row.alert_id for row in rows if row.status == "ended"}
    past = ended | list_overtaken_alerts(conn, answered)
    over = [row.id for row in rows if row.alert_id in past]
    left = [row.id for row in rows if row.alert_id not in past]
    free = {
        "lease_owner": None,
        "lease_until": None,
        "attempts": case(
            (DeliveryRow.status == Status.SENDING, DeliveryRow.attempts - 1),
            else_=DeliveryRow.attempts,
        ),
    }
    again = _waits_again(now) | free
    dropped = {
        "status": Status.SUPPRESSED,
        "error_code": OVERTAKEN,
        "tell_at": None,
        "due_at": DeliveryRow.due_at,
        "deferred": DeliveryRow.deferred,
    }
    for found, values in ((left, again), (over, again | dropped)):
        conn.execute(update(DeliveryRow).where(among(conn, DeliveryRow.id, found)).values(**values))


def _waits_again(now: datetime) -> dict[str, Any]:
    """Return what becomes of a row that was in a message taken apart: it is put into another."""
    return {
        "status": Status.QUEUED,
        "error_code": None,
        "deferred": func.coalesce(DeliveryRow.deferred, Why.REWRITTEN.value),
        "digest_id": None,
        "tell_at": now,
        "due_at": NEVER,
        "counts_at": None,
        "reserved": None,  # what is said instead is planned anew
        "updated_at": now,
    }


def may_have_left() -> ColumnElement[bool]:
    """Return the condition that a queued delivery was put back and may have left before."""
    return or_(
        func.coalesce(DeliveryRow.error_code, "") == UNSETTLED,
        DeliveryRow.silent_provider.is_not(None),
    )
