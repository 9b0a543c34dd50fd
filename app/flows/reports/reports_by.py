"""Everything that one source filed: what to look at again when its key or telephone was taken."""

from dataclasses import dataclass

from sqlalchemy import Connection

from app.accounts import store as accounts_store
from app.flows.context import Context
from app.incidents import store as incident_store
from app.incidents.store import StoredReport
from app.subscribers.store import inbound, senders

#: Of a phone's keyed hash as much as tells its reports from those of others.
_TOKEN_CHARS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A report and whether its sender may have been forced."""

    report: StoredReport
    forced: bool


def filed_by_phone(phone_index: str, context: Context) -> str:
    """Return under what a phone without a key files: always the same, naming nobody."""
    return f"phone:{context.vault.token(f'phone|{phone_index}')[:_TOKEN_CHARS]}"


def voice_of(conn: Connection, phone_index: str, context: Context) -> str:
    """Return under what is filed that a phone says: its reporter's key, where there is one."""
    reporter = senders.find_known(conn, phone_index).reporter
    if reporter is not None and reporter.key_id is not None:
        return reporter.key_id
    return filed_by_phone(phone_index, context)


def list_by_key(conn: Connection, key_id: str, *, after: str | None, limit: int) -> list[Filed]:
    """Return what was filed with a key, newest first, and by the phone that is linked to it.

    Raises:
        NotFoundError: There is no such key.
    """
    accounts_store.get_key(conn, key_id)
    return _list(conn, key_id, after=after, limit=limit)


def list_by_reporter(
    conn: Connection, reporter_id: str, *, after: str | None, limit: int, context: Context
) -> list[Filed]:
    """Return what a reporter's phone filed, newest first; with his key's, where he has one.

    Raises:
        NotFoundError: There is no such reporter.
    """
    key_id = senders.get_reporter(conn, reporter_id).key_id
    index = senders.phone_index_of(conn, reporter_id)
    return _list(conn, key_id or filed_by_phone(index, context), after=after, limit=limit)


def _list(conn: Connection, filed_by: str, *, after: str | None, limit: int) -> list[Filed]:
    rows = incident_store.list_reports_by(conn, filed_by, before=after, limit=limit)
    forced = inbound.under_duress(conn, [row.id for row in rows])
    return [Filed(report=row, forced=row.id in forced) for row in rows]
