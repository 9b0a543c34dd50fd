"""What organisations may spend on SMS in a month."""

from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from app.db.tables import BudgetRow
from app.delivery.budget import Budget


def find_budget(conn: Connection, organisation_id: str) -> Budget | None:
    """Return the budget of an organisation; None: it spends as much as it takes."""
    query = select(BudgetRow.monthly, BudgetRow.reserve).where(
        BudgetRow.organisation_id == organisation_id
    )
    row = conn.execute(query).one_or_none()
    return Budget(monthly=row.monthly, reserve=row.reserve) if row else None


def set_budget(conn: Connection, organisation_id: str, budget: Budget, *, now: datetime) -> None:
    """Set what an organisation may spend; it holds for the month that is now, too."""
    values = {"monthly": budget.monthly, "reserve": budget.reserve, "changed_at": now}
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(BudgetRow).values(organisation_id=organisation_id, **values)
    conn.execute(
        statement.on_conflict_do_update(index_elements=[BudgetRow.organisation_id], set_=values)
    )


def lift_budget(conn: Connection, organisation_id: str) -> None:
    """Let an organisation spend as much as it takes."""
    conn.execute(delete(BudgetRow).where(BudgetRow.organisation_id == organisation_id))
