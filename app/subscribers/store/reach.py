"""Addresses where nothing arrives."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, select, update

from app.db.tables import ContactChannelRow


class Out(Protocol):
    """Since when, and why."""

    @property
    def since(self) -> datetime:
        """When the first message did not arrive."""
        ...

    @property
    def why(self) -> str:
        """In a word, and the provider's code."""
        ...


def list_unreachable(conn: Connection) -> set[tuple[str, str]]:
    """Return (contact id, channel) of every address that is marked."""
    rows = conn.execute(
        select(ContactChannelRow.contact_id, ContactChannelRow.channel).where(
            ContactChannelRow.unreachable_since.is_not(None)
        )
    )
    return {(row.contact_id, row.channel) for row in rows}


def note(conn: Connection, found: Mapping[tuple[str, str], Out | None]) -> int:
    """Mark addresses, or clear them where there is nothing to say; return how many there were."""
    changed = 0
    for (contact_id, channel), out in found.items():
        result = conn.execute(
            update(ContactChannelRow)
            .where(ContactChannelRow.contact_id == contact_id, ContactChannelRow.channel == channel)
            .values(
                unreachable_since=out.since if out else None,
                unreachable_why=out.why if out else None,
            )
        )
        changed += result.rowcount
    return changed
