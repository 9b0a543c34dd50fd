"""Who hears that the money runs short: the organisation and the person on duty, once a step."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from app.delivery.budget import Degree, Short
from app.delivery.outbox import notices, purse
from app.delivery.outbox.purse import Account
from app.flows.money.plan_spending import Purse
from app.subscribers.store import addresses

_log = logging.getLogger(__name__)

#: How each step is named in a notice; a month has each of them once.
_STEPS = {Short.IN_RESERVE: "reserve", Short.BEYOND_RESERVE: "beyond"}
_DEGREES = {Degree.DIGEST: "digest", Degree.EMAIL: "email"}
#: Of a notice whose number never grows.
_NEVER = timedelta(days=366)


def review_budgets(conn: Connection, purse_: Purse, *, duty: Sequence[str], now: datetime) -> int:
    """Note for whom money has become short since; return how many organisations it is.

    Each step of a month is told once: to the person on duty on every channel there is, and to the
    organisation's first contact that can be written to, by e-mail if any has one.

    Args:
        conn: Open transaction.
        purse_: What spending is planned with.
        duty: Channels of the person on duty.
        now: When.
    """
    told = 0
    month = purse_.month(now).name
    for account in list_short(conn, purse_, now=now):
        step = _STEPS.get(account.verdict.why) or _DEGREES[account.verdict.degree]
        what = f"{account.organisation_id}:{month}:{step}"
        note: dict[str, Any] = {"words": step, "number": 1, "remind": _NEVER, "now": now}
        about = f"{notices.BUDGET_OF}{what}"
        desk = notices.note(conn, kind=notices.BUDGET, about=about, channels=duty, **note)
        own = False
        if contact := addresses.first_reachable(conn, account.organisation_id):
            own = notices.note(
                conn,
                kind=notices.OWN_BUDGET,
                about=f"{notices.OWN_BUDGET_OF}{what}",
                channels=[contact[1]],
                contact_id=contact[0],
                **note,
            )
        if desk or own:
            told += 1
            extra = {"organisation_id": account.organisation_id, "step": step}
            _log.warning("budget.short", extra=extra)
    return told


def list_short(conn: Connection, purse_: Purse, *, now: datetime) -> list[Account]:
    """Return the accounts of organisations whose money is short."""
    month = purse_.month(now)
    accounts = purse.list_accounts(conn, policy=purse_.policy, month=month, now=now)
    return [one for one in accounts if one.verdict.degree is not Degree.AT_ONCE]
