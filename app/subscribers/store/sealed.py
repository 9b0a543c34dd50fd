"""Do the vault's keys and the database belong together."""

from datetime import UTC, datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from app.db.tables import ContactRow, LeaseRow, OrganisationRow, ReporterRow, ReportRow
from app.subscribers.store.contacts import NAME as CONTACT_NAME
from app.subscribers.store.organisations import NAME as ORGANISATION_NAME
from app.subscribers.vault import Vault, VaultKeyError

#: Name of the row whose owner is the keyed hash of `_OURS`: what the index key makes of it.
_VAULT = "vault"
_OURS = "the vault of this database"
_FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)


def in_use(conn: Connection) -> bool:
    """Tell whether anything depends on the keys: a start, names, tokens of origins, phones."""
    return is_bound(conn) or any(
        conn.execute(select(column).limit(1)).first() is not None
        for column in (OrganisationRow.id, ReportRow.id, ReporterRow.id)
    )


def is_bound(conn: Connection) -> bool:
    """Tell whether the database is held to one index key."""
    return _bound_to(conn) is not None


def bind(conn: Connection, vault: Vault) -> None:
    """Hold the database to the index key of `vault`, unless it is held to one already.

    It never changes, while keys that seal rotate; its hash says nothing of it.
    """
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    row = dialect.insert(LeaseRow).values(
        name=_VAULT, owner=vault.token(_OURS), until=_FOR_EVER, runs=1
    )
    conn.execute(row.on_conflict_do_nothing())


def _bound_to(conn: Connection) -> str | None:
    return conn.scalar(select(LeaseRow.owner).where(LeaseRow.name == _VAULT))


def prove(conn: Connection, vault: Vault) -> None:
    """Compare the index key, and open the newest name of each kind.

    Raises:
        VaultKeyError: the vault has not the key that sealed it, or that the database is held to.
    """
    if _bound_to(conn) not in {None, vault.token(_OURS)}:
        raise VaultKeyError("its `index` key is not the one that this database began with")
    for table, field in ((OrganisationRow, ORGANISATION_NAME), (ContactRow, CONTACT_NAME)):
        newest = select(table.id, table.name_sealed).order_by(table.id.desc()).limit(1)
        for row_id, text in conn.execute(newest):
            vault.open(text, row_id=row_id, field=field)
