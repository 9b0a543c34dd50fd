"""Do the vault's keys and the database belong together."""

from sqlalchemy import Connection, select

from app.db.tables import ContactRow, OrganisationRow, ReporterRow, ReportRow
from app.subscribers.store.contacts import NAME as CONTACT_NAME
from app.subscribers.store.organisations import NAME as ORGANISATION_NAME
from app.subscribers.vault import Vault


def in_use(conn: Connection) -> bool:
    """Tell whether anything depends on the keys: names, tokens of origins, phones."""
    return any(
        conn.execute(select(column).limit(1)).first() is not None
        for column in (OrganisationRow.id, ReportRow.id, ReporterRow.id)
    )


def prove(conn: Connection, vault: Vault) -> None:
    """Open the newest name of each kind.

    Raises:
        VaultKeyError: the vault has not the key that sealed it.
    """
    for table, field in ((OrganisationRow, ORGANISATION_NAME), (ContactRow, CONTACT_NAME)):
        newest = select(table.id, table.name_sealed).order_by(table.id.desc()).limit(1)
        for row_id, text in conn.execute(newest):
            vault.open(text, row_id=row_id, field=field)
