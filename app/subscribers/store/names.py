"""What a text for one contact needs to know of him, or of another one."""

from sqlalchemy import Connection, select

from app.db.tables import ContactRow
from app.subscribers.store.contacts import NAME
from app.subscribers.vault import Vault


def language_of(conn: Connection, contact_id: str) -> str | None:
    """Return the language that a contact reads; None: he is gone."""
    return conn.scalar(select(ContactRow.language).where(ContactRow.id == contact_id))


def name_of(conn: Connection, contact_id: str, *, vault: Vault) -> str | None:
    """Return the name of a contact in clear; None: he is gone.

    Raises:
        VaultKeyError: The vault does not open it.
    """
    sealed = conn.scalar(select(ContactRow.name_sealed).where(ContactRow.id == contact_id))
    return vault.open(sealed, row_id=contact_id, field=NAME) if sealed else None
