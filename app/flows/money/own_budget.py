"""What an organisation's messages cost, how far its budget goes, and the budget itself."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.audit import store as audit
from app.delivery.budget import Budget, Month, Verdict, decide, month_of
from app.delivery.outbox import budgets, spending
from app.delivery.outbox.spending import Spent
from app.flows.context import Context
from app.subscribers.store.organisations import get_organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthsMoney:
    """A month's money, in millionths of the currency.

    Attributes:
        spent: By tariff and level.
        reserved: Set aside for messages on their way; of the month that is now.
        verdict: How what is not urgent is told, and why; with the forecast.
    """

    month: Month
    spent: list[Spent]
    reserved: int
    budget: Budget | None
    verdict: Verdict

    @property
    def total(self) -> int:
        """Return what was spent."""
        return sum(one.cost for one in self.spent)


def months_money(
    conn: Connection,
    organisation_id: str | None,
    *,
    context: Context,
    now: datetime,
    month: Month | None = None,
) -> MonthsMoney:
    """Return how the money of an organisation stands; None: of all together, who have no budget.

    Raises:
        NotFoundError: There is no such organisation.
    """
    policy, current = context.config.budget, month_of(now, context.config.alerts.zone)
    asked = month or current
    budget = None
    if organisation_id is not None:
        get_organisation(conn, organisation_id, vault=context.vault)
        budget = budgets.find_budget(conn, organisation_id)
    spent = spending.list_spent(conn, organisation_id, asked.name)
    reserved = spending.reserved_for(conn, organisation_id) if asked == current else 0
    used = sum(one.cost for one in spent) + reserved
    return MonthsMoney(
        month=asked,
        spent=spent,
        reserved=reserved,
        budget=budget,
        verdict=decide(budget, used, asked, policy=policy, now=now),
    )


def set_budget(
    conn: Connection,
    organisation_id: str,
    budget: Budget | None,
    *,
    actor: str,
    context: Context,
    now: datetime,
) -> None:
    """Set what an organisation may spend in a month, the one that is now included; None: anything.

    Raises:
        NotFoundError: There is no such organisation.
    """
    get_organisation(conn, organisation_id, vault=context.vault)
    if budget is None:
        budgets.lift_budget(conn, organisation_id)
    else:
        budgets.set_budget(conn, organisation_id, budget, now=now)
    audit.record(
        conn,
        actor=actor,
        action=f"organisation.budget_{'lifted' if budget is None else 'set'}",
        subject_id=organisation_id,
        organisation_id=organisation_id,
        detail={"monthly": budget.monthly, "reserve": budget.reserve} if budget else {},
        now=now,
    )
