"""How far behind the ratings are."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from app.db.tables import SectionStateRow


def oldest_restless(conn: Connection) -> datetime | None:
    """Return when the section was rated that has waited longest, of those time can change."""
    return conn.scalar(select(func.min(SectionStateRow.rated_at)).where(SectionStateRow.restless))
