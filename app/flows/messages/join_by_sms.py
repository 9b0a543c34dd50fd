"""A phone answers its invitation: the code and nothing else, a no, or STOP."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.alerts.invitation_text import write_answer
from app.flows.context import Context
from app.flows.people import invite
from app.subscribers.contact import ContactChannel
from app.subscribers.invitation import AnsweredBy, Verdict, code_in, says_no
from app.subscribers.store import invitations as store
from app.subscribers.store import unwanted

_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came of an answer. `shown`: the message as it may be kept, without the code."""

    done: bool
    reply: str
    shown: str


def join_by_sms(
    conn: Connection,
    text: str,
    numbers: Mapping[ContactChannel, str],
    *,
    actor: str,
    context: Context,
    now: datetime,
) -> Answered | None:
    """Take the answer to an invitation; None: the message is none, or there is none open.

    Who does not want to be told by whoever asked is not called or told by WhatsApp instead, as
    nobody is who said STOP: a no is meant for the phone, not for one way to reach it.
    """
    code = code_in(text)
    if code is None and not says_no(text):
        return None
    invitation = store.open_at(conn, numbers[ContactChannel.SMS], now=now)
    if invitation is None:
        return None
    if code is None:
        invite.decline(conn, invitation, way=AnsweredBy.SMS, actor=actor, now=now)
        for index in numbers.values():
            unwanted.remember(conn, index, now=now)
        what = "refused"
    else:
        verdict = invite.confirm_by_code(
            conn, invitation, code, way=AnsweredBy.SMS, actor=actor, context=context, now=now
        )
        what = verdict.value
    return Answered(
        done=code is None or what == Verdict.RIGHT,
        reply=write_answer(invitation.language, what),
        shown=_DIGIT.sub("*", text),
    )


def leave_by_sms(conn: Connection, phone_index: str, *, actor: str, now: datetime) -> None:
    """Decline the invitation that a phone has not answered, if there is one: it wrote STOP."""
    if (invitation := store.open_at(conn, phone_index, now=now)) is not None:
        invite.decline(conn, invitation, way=AnsweredBy.SMS, actor=actor, now=now)
