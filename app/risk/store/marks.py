"""Whether any rating has changed since somebody looked."""

import hashlib

from sqlalchemy import Connection, select

from app.db.tables.risk import RouteStateRow, SectionStateRow

# Built once: putting a statement together costs as much as running it.
_TOKENS = select(SectionStateRow.token).order_by(SectionStateRow.section_id)
_ROUTES = select(RouteStateRow.rated_at).order_by(RouteStateRow.route, RouteStateRow.cargo)


def ratings_mark(conn: Connection) -> str:
    """Return a text that changes with every change of evidence or rating, whoever made it.

    Every change of a section's evidence or state gives it a new token, in the same transaction.
    """
    digest = hashlib.sha256()
    for value in conn.scalars(_TOKENS):
        digest.update(value.encode())
    for instant in conn.scalars(_ROUTES):
        digest.update(instant.isoformat().encode())
    return digest.hexdigest()
