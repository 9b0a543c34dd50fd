"""Nobody of an organisation answers: the next of its list is told, and at last a person calls."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.alert import Message
from app.alerts.digest import Said
from app.alerts.escalation_text import Unanswered, compose_escalation
from app.config import Config
from app.delivery.escalation import Case, Decision, Rung, Why, decide, wait_before
from app.delivery.outbox import call_rounds, next_contact, notices, paying
from app.delivery.outbox.call_rounds import Called, Opened
from app.delivery.outbox.next_contact import Matter, Reached
from app.subscribers.countries import OTHER

_log = logging.getLogger(__name__)

#: Organisations in one transaction.
_BATCH = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalating:
    """What the job works with.

    Attributes:
        providers: Names of the SMS providers there are: who can answer depends on them.
        public_url: Where links in e-mails lead; None: there are none.
        duty: Channels on which the person on duty is told.
        offered: Channels that there are here.
    """

    config: Config
    providers: Sequence[str]
    public_url: str | None
    duty: Sequence[str]
    offered: Sequence[str] = ("sms", "email")

    @property
    def channels(self) -> list[str]:
        """Return the channels on which the next contact can be told, that which rings first."""
        return [one for one in call_rounds.TOLD_ON if one in self.offered]

    @property
    def remind(self) -> timedelta:
        """Return the least time before the person on duty is told a greater number."""
        return self.config.providers.fail_over.remind


def escalate(conn: Connection, flow: Escalating, *, now: datetime) -> int:
    """Go on with some of those who do not answer; return how many were looked at.

    The caller calls again until it returns 0. Everything is in one transaction: done again after a
    crash, or by two at once, it tells nobody twice.

    1. An organisation with a list that was told of a grave danger has some time to answer.
    2. When that is over, the next contacts of its list are told who has not answered; those who
       know already are passed over. Then they have time.
    3. With nobody left on the list, those told stand on the call list and the person on duty hears.
    4. An answer of anybody of the organisation ends it, and so does the end of the danger.
    """
    policy = flow.config.escalation
    opened = call_rounds.list_unopened(conn, levels=policy.levels, limit=_BATCH, now=now)
    for one in opened:
        call_rounds.add(conn, one, due_at=_first_due(conn, one, flow), now=now)
    due = call_rounds.take_due(conn, limit=_BATCH, now=now)
    for called in due:
        _go_on(conn, called, flow, now=now)
    return len(opened) + len(due)


def _first_due(conn: Connection, opened: Opened, flow: Escalating) -> datetime | None:
    if opened.told_at is None:
        return None
    rungs = call_rounds.rungs_of(conn, opened.organisation_id, channels=flow.channels)
    policy = flow.config.escalation
    return opened.told_at + wait_before(1, rungs, level=opened.level, policy=policy)


def _go_on(conn: Connection, called: Called, flow: Escalating, *, now: datetime) -> None:
    policy = flow.config.escalation
    rungs = call_rounds.rungs_of(conn, called.organisation_id, channels=flow.channels)
    matter = next_contact.matter_of(conn, called, rungs, levels=policy.levels)
    case = Case(
        level=matter.level,
        acknowledged=matter.acknowledged,
        step=called.step,
        due_at=called.due_at,
        told=matter.told,
    )
    decision = decide(case, rungs, policy=policy, now=now)
    if decision.why is Why.NEXT:
        _tell(conn, called, matter, decision, flow, now=now)
    elif decision.why is Why.EXHAUSTED:
        _log.warning("escalation.exhausted", extra={"bundle_id": called.bundle_id})
    call_rounds.move(
        conn, called, step=decision.step, due_at=decision.due_at, why=decision.why, now=now
    )
    if decision.why is Why.EXHAUSTED:
        _call_duty(conn, called, matter, rungs, flow, now=now)


def _tell(
    conn: Connection,
    called: Called,
    matter: Matter,
    decision: Decision,
    flow: Escalating,
    *,
    now: datetime,
) -> None:
    alerts = [alert_store.get_alert(conn, one) for one in matter.current]
    said = [Said(facts=one.facts, type=one.type) for one in alerts]
    silent = Unanswered(number=len(matter.silent), told_at=called.told_at)
    names = matter.silent[0] if len(matter.silent) == 1 else None
    ids = []
    for to in next_contact.addresses_of(conn, decision.tell, channels=flow.channels):
        language = _language(to, flow.config)
        texts = [
            _row(
                compose_escalation(
                    said,
                    silent,
                    channel=channel,
                    language=_spoken(channel, language, flow.config),
                    templates=flow.config.templates,
                    zone=flow.config.alerts.zone,
                    now=now,
                    public_url=flow.public_url,
                    can_answer=_can_answer(to, flow),
                ),
                matter.current,
                names,
                language,
            )
            for channel in flow.channels  # it may go elsewhere when it does not arrive
        ]
        made = next_contact.tell(
            conn, called, matter, to, step=decision.step, texts=texts, language=language, now=now
        )
        if made is not None:
            ids.append(made)
    if ids:
        paying.reserve_these(conn, ids, countries=flow.config.countries)
    _log.info(
        "escalation.told",
        extra={"bundle_id": called.bundle_id, "step": decision.step, "told": len(ids)},
    )


def _call_duty(
    conn: Connection,
    called: Called,
    matter: Matter,
    rungs: Sequence[Rung],
    flow: Escalating,
    *,
    now: datetime,
) -> None:
    alert_id = next_contact.list_for_a_person(conn, called, matter, rungs, now=now)
    if alert_id is not None:
        notices.note(
            conn,
            kind=notices.UNANSWERED,
            about=f"{notices.UNANSWERED_OF}{alert_id}",
            words=next_contact.words_of(conn, alert_id),
            number=call_rounds.count_exhausted(conn, called.bundle_id),
            channels=flow.duty,
            remind=flow.remind,
            now=now,
        )


def _language(to: Reached, config: Config) -> str:
    known = config.subscribers.languages
    return to.language if to.language in known else config.subscribers.default_language


def _spoken(channel: str, language: str, config: Config) -> str:
    """Return in which language somebody is told: a call speaks those that it has a script in."""
    if channel != "voice":
        return language
    return config.scripts.spoken(channel, language) or language


def _can_answer(to: Reached, flow: Escalating) -> bool:
    tariff = flow.config.countries.tariff(to.tariff or OTHER)
    return to.channel == "sms" and tariff.can_answer(flow.providers)


def _row(
    message: Message, alert_ids: Sequence[str], names: str | None, language: str
) -> dict[str, Any]:
    return {
        "channel": message.channel,
        "language": language,
        "alert_ids": list(alert_ids),
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "segments": message.segments,
        "names": names,
    }
