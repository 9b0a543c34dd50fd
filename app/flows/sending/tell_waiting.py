"""What waited for its time is told in one message: after quiet hours, in the morning, in a week."""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.alert import Message
from app.alerts.codec import facts_to_json
from app.alerts.records import StoredAlert
from app.delivery.moment import COUNTED, Haste, MomentPolicy, Tell, decide
from app.delivery.outbox import digests, gathering, moments
from app.delivery.outbox.gathering import Gathered, Inbox, Waiting
from app.delivery.outbox.pace import Pace, pace_at
from app.delivery.outbox.words import NO_ADDRESS
from app.flows.context import Context
from app.flows.money.plan_spending import Purse, plan_digests
from app.flows.sending.what_stands import what_stands

_log = logging.getLogger(__name__)

#: Contacts in one transaction.
_STRIDE = 500
#: A message that was put together is worth sending for so long.
_WORTH = timedelta(hours=12)

#: In the name of a text: its reader knew nothing of this danger.
_FIRST = "*"

#: Returns the texts of one message that says several alerts. Pure.
RenderDigest = Callable[[Sequence[StoredAlert]], Sequence[Message]]
#: Returns what there is to say of alerts in the present, by id; see `what_stands`.
Stands = Callable[[Connection, Sequence[StoredAlert]], Mapping[str, Sequence[StoredAlert]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What the job works with.

    Attributes:
        stands: What is told of alerts to whoever hears of them first; None: what was said.
    """

    policy: MomentPolicy
    render: RenderDigest
    purse: Purse | None = None
    stands: Stands | None = None

    @classmethod
    def of(cls, context: Context, render: RenderDigest) -> "Telling":
        """Return what the service works with."""
        config = context.config
        stands = partial(what_stands, context=context)
        return cls(policy=config.moment, render=render, purse=Purse.of(config), stands=stands)


def tell_waiting(conn: Connection, telling: Telling, *, now: datetime) -> int:
    """Put what waits for some contacts into one message each; return how many were looked at.

    The caller calls again until it returns 0.

    1. What is over by now is dropped: nobody reads old news.
    2. Who is in quiet hours, or had enough today, waits on; so does what came apart of a message
       that was overtaken, and what his organisation has muted meanwhile, unless it is urgent.
    3. The rest is one message; its text is written once for all who read the same. Who begins to
       listen reads what was told to others as it stands now.
    4. What it costs is set aside; where the budget does not reach, it is an e-mail, or waits.
    """
    moments.count_alone(conn)
    pace = pace_at(conn, telling.policy, now=now)
    inboxes = gathering.list_inboxes(conn, pace=pace, limit=_STRIDE, now=now)
    if not inboxes:
        return 0
    found = gathered_all(inboxes, pace)
    found = _written(conn, inboxes, found, telling, now=now)
    told = gathering.gather(conn, found, expires_at=now + _WORTH, now=now)
    if telling.purse is not None:
        says = [one for one in found if one.says]
        news = [one.says[0] for one in says if one.haste is Haste.NEWS]
        ids = [one.says[0] for one in says]
        plan_digests(conn, telling.purse, ids, news, pace=pace, now=now)
    _log.info("waiting.told", extra={"looked_at": len(inboxes), "messages": told})
    return len(inboxes)


def gathered_all(inboxes: Sequence[Inbox], pace: Pace) -> list[Gathered]:
    """Return what becomes of inboxes, in their order: a contact may have several channels. Pure."""
    found: list[Gathered] = []
    told: dict[str, set[str]] = {}
    for inbox in inboxes:
        person = inbox.channel in COUNTED  # a program is not worn out by hearing much
        here = told.setdefault(inbox.contact_id, set())
        said = inbox.said_today | here if person else frozenset()
        one = gathered(replace(inbox, said_today=said), pace)
        if one.says and person:
            here.update(each.alert_id for each in inbox.waiting if each.id == one.says[0])
        found.append(one)
    return found


def gathered(inbox: Inbox, pace: Pace) -> Gathered:
    """Return what becomes of an inbox. Pure."""
    everything = tuple(one.id for one in inbox.waiting)
    if inbox.language is None:
        return Gathered(dropped=everything, why_dropped=NO_ADDRESS)
    true = [one for one in inbox.waiting if one.true]
    dropped = tuple(one.id for one in inbox.waiting if not one.true)
    muted = {
        one.id: one.muted_until
        for one in true
        if one.muted_until is not None and one.haste is Haste.NEWS
    }
    true = [one for one in true if one.id not in muted]
    if not true:
        return Gathered(dropped=dropped, muted=muted)
    says = sorted(true, key=lambda one: (one.haste, one.priority, one.id))
    carrier = says[0]
    wait = decide(
        carrier.haste,
        pace.of(inbox.hours_id),
        tell=Tell.IMMEDIATELY,  # its time has come
        muted_until=None,  # what is muted is not among it
        said_today=len(inbox.said_today - {carrier.alert_id}),  # told on another channel, or new
        allowance=max(pace.policy.allowance(one.level, answers=one.answers) for one in true),
    )
    if wait is not None:
        waits = tuple(one.id for one in true)
        return Gathered(dropped=dropped, muted=muted, waits=waits, wait_until=wait.until)
    return Gathered(
        says=tuple(one.id for one in says),
        digest_id=digest_id(says),
        haste=carrier.haste,
        muted=muted,
        dropped=dropped,
    )


def digest_id(says: Sequence[Waiting]) -> str:
    """Return the name of the text that says these alerts: the same for all who read the same."""
    ids = " ".join(sorted(f"{one.alert_id}{_FIRST if one.first else ''}" for one in says))
    return hashlib.sha256(ids.encode()).hexdigest()


def texts_of(
    digest: str, alerts: Sequence[StoredAlert], render: RenderDigest, *, now: datetime
) -> list[dict[str, Any]]:
    """Return the rows of one message's texts, for each channel and language."""
    return [
        {
            "id": digest,
            "channel": message.channel,
            "language": message.language,
            "alert_ids": list(dict.fromkeys(one.id for one in alerts)),
            "subject": message.subject,
            "text": message.text,
            "html": message.html,
            "segments": message.segments,
            "created_at": now,
        }
        for message in render(alerts)
    ]


def _written(
    conn: Connection,
    inboxes: Sequence[Inbox],
    found: Sequence[Gathered],
    telling: Telling,
    *,
    now: datetime,
) -> list[Gathered]:
    """Write the texts that are not there; return what becomes of the inboxes, by their names.

    What stands by now is another text than what stood this morning, of the same alerts.
    """
    wanted: dict[str, list[Waiting]] = {}
    for inbox, one in zip(inboxes, found, strict=True):
        if one.digest_id is not None and one.digest_id not in wanted:
            said = set(one.says)
            wanted[one.digest_id] = [each for each in inbox.waiting if each.id in said]
    there = digests.known(conn, list(wanted))
    open_ones = {
        digest: says
        for digest, says in wanted.items()
        if digest not in there or any(one.first for one in says)
    }
    alerts = _alerts_of(conn, [one for says in open_ones.values() for one in says], telling.stands)
    alike = {
        digest: [(one.first, alert) for one in says for alert in alerts[one.alert_id, one.first]]
        for digest, says in open_ones.items()
    }
    names = {digest: _name_of(digest, each) for digest, each in alike.items()}
    there |= digests.known(conn, [name for name in names.values() if name not in wanted])
    texts = []
    for digest, each in alike.items():
        if names[digest] not in there:
            told = [alert for _, alert in each]
            texts += texts_of(names[digest], told, telling.render, now=now)
    digests.add_digests(conn, texts)
    return [replace(one, digest_id=names.get(one.digest_id or "", one.digest_id)) for one in found]


def _name_of(digest: str, alike: Sequence[tuple[bool, StoredAlert]]) -> str:
    """Return the name of a text: with what stands, where its reader knew nothing of the danger."""
    stands = [facts_to_json(alert.facts) for first, alert in alike if first]
    if not stands:
        return digest
    said = json.dumps(stands, sort_keys=True, default=str)
    return hashlib.sha256(f"{digest} {said}".encode()).hexdigest()


def _alerts_of(
    conn: Connection, says: Sequence[Waiting], stands: Stands | None
) -> dict[tuple[str, bool], Sequence[StoredAlert]]:
    """Return what is to be said of each alert, by whether its reader knew nothing of the danger."""
    ids = dict.fromkeys(one.alert_id for one in says)
    alerts = {one: alert_store.get_alert(conn, one) for one in ids}
    told: dict[tuple[str, bool], Sequence[StoredAlert]] = {
        (one.id, first): [one] for one in alerts.values() for first in (False, True)
    }
    first = [alerts[one] for one in dict.fromkeys(each.alert_id for each in says if each.first)]
    if stands is not None and first:
        told |= {(alert_id, True): said for alert_id, said in stands(conn, first).items()}
    return told
