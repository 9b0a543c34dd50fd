"""How far behind the ratings are."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from app.db.tables import SectionStateRow
from app.risk.store.states import stale_sections


def oldest_restless(conn: Connection, *, of: Collection[str]) -> datetime | None:
    """Return when the section `of` these was rated that has waited longest of those time changes.

    A road that was taken out of the network is never rated again.
    """
    query = (
        select(SectionStateRow.section_id, SectionStateRow.rated_at)
        .where(SectionStateRow.restless)
        .order_by(SectionStateRow.rated_at)
    )
    with conn.execute(query) as found:
        return next((row.rated_at for row in found if row.section_id in of), None)


def count_stale(conn: Connection, *, of: Collection[str]) -> int:
    """Return how many sections `of` these are still rated by rules that are out of force."""
    return sum(one in of for one in stale_sections(conn))
