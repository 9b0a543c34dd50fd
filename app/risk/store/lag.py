"""How far behind the ratings are."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from app.db.tables import SectionStateRow
from app.risk.store.states import stale_sections


def oldest_restless(conn: Connection) -> datetime | None:
    """Return when the section was rated that has waited longest, of those time can change."""
    return conn.scalar(select(func.min(SectionStateRow.rated_at)).where(SectionStateRow.restless))


def count_stale(conn: Connection) -> int:
    """Return how many sections are still rated by rules that are no longer in force."""
    return len(stale_sections(conn))
