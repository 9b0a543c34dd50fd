"""A phone answers its invitation: the code and nothing else, a no, or STOP."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.alerts.invitation_text import write_answer
from app.flows import invite
from app.flows.context import Context
from app.subscribers.invitation import AnsweredBy, Verdict, code_in, says_no
from app.subscribers.store import invitations as store

_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came of an answer. `shown`: the message as it may be kept, without the code."""

    done: bool
    reply: str
    shown: str


def join_by_sms(
    conn: Connection, text: str, phone_index: str, *, actor: str, context: Context, now: datetime
) -> Answered | None:
    """Take the answer to an invitation; None: the message is none, or there is none open."""
    code = code_in(text)
    if code is None and not says_no(text):
        return None
    invitation = store.open_at(conn, phone_index, now=now)
    if invitation is None:
        return None
    if code is None:
        invite.decline(conn, invitation, way=AnsweredBy.SMS, actor=actor, now=now)
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
