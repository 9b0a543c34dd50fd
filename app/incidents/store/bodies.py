"""Hashes of reports as they were sent, from before they were keyed."""

from sqlalchemy import Connection, bindparam, select, update

from app.db.tables import ReportRow
from app.incidents.origins import KeyedHash, is_kept_body, kept_body


def key_bodies(
    conn: Connection, *, keyed_hash: KeyedHash, after: str | None, limit: int
) -> str | None:
    """Key up to `limit` hashes of bodies that are kept bare; return the last id, None at the end.

    Call it until it returns None, a transaction each time, so that nothing waits for it.
    """
    query = select(ReportRow.id, ReportRow.body_hash).order_by(ReportRow.id).limit(limit)
    found = conn.execute(query.where(ReportRow.id > after) if after is not None else query).all()
    bare = [
        {"b_id": row.id, "b_kept": kept_body(row.body_hash, keyed_hash)}
        for row in found
        if not is_kept_body(row.body_hash)
    ]
    if bare:
        conn.execute(_KEY_BODY, bare)
    return found[-1].id if found else None


_KEY_BODY = (
    update(ReportRow).where(ReportRow.id == bindparam("b_id")).values(body_hash=bindparam("b_kept"))
)
