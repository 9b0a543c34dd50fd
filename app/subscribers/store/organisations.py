"""Organisations: rows whose names only the vault opens."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from app.core.errors import NotFoundError
from app.core.ids import new_id
from app.db.tables import OrganisationRow
from app.subscribers.contact import Organisation, OrganisationKind
from app.subscribers.vault import Vault

#: The field that the vault binds an organisation's name to.
NAME = "organisation.name"


def add_organisation(
    conn: Connection,
    *,
    vault: Vault,
    name: str,
    kind: OrganisationKind,
    country: str,
    language: str,
    now: datetime,
) -> str:
    """Add an organisation and return its id."""
    organisation_id = new_id(now)
    conn.execute(
        insert(OrganisationRow).values(
            id=organisation_id,
            name_sealed=vault.seal(name, row_id=organisation_id, field=NAME),
            kind=kind,
            country=country,
            language=language,
            created_at=now,
        )
    )
    return organisation_id


def get_organisation(conn: Connection, organisation_id: str, *, vault: Vault) -> Organisation:
    """Return the organisation with that id.

    Raises:
        NotFoundError: there is none.
    """
    found = _list(conn, vault, select(OrganisationRow).where(OrganisationRow.id == organisation_id))
    if not found:
        raise NotFoundError("There is no organisation with this id.")
    return found[0]


def must_be_there(conn: Connection, organisation_id: str | None, *, vault: Vault) -> None:
    """Refuse to list what belongs to an organisation that there is not: a slip is no "nothing".

    None: of none in particular, which is always there.

    Raises:
        NotFoundError: there is none with that id.
    """
    if organisation_id is not None:
        get_organisation(conn, organisation_id, vault=vault)


def list_organisations(
    conn: Connection, *, vault: Vault, after: str | None, limit: int, only: str | None = None
) -> Sequence[Organisation]:
    """Return organisations in the order they were added.

    Args:
        conn: Open.
        vault: Opens their names.
        after: The id of the last one already seen.
        limit: At most so many.
        only: The one id that the caller may see; None: all.
    """
    query = select(OrganisationRow).order_by(OrganisationRow.id).limit(limit)
    if after is not None:
        query = query.where(OrganisationRow.id > after)
    if only is not None:
        query = query.where(OrganisationRow.id == only)
    return _list(conn, vault, query)


def change_organisation(
    conn: Connection,
    organisation_id: str,
    *,
    vault: Vault,
    name: str,
    kind: OrganisationKind,
    country: str,
    language: str,
) -> None:
    """Replace what is known of an organisation.

    Raises:
        NotFoundError: there is none with that id.
    """
    result = conn.execute(
        update(OrganisationRow)
        .where(OrganisationRow.id == organisation_id)
        .values(
            name_sealed=vault.seal(name, row_id=organisation_id, field=NAME),
            kind=kind,
            country=country,
            language=language,
        )
    )
    if result.rowcount == 0:
        raise NotFoundError("There is no organisation with this id.")


def delete_organisation(conn: Connection, organisation_id: str) -> None:
    """Remove an organisation with its contacts, addresses, subscriptions and keys.

    Raises:
        NotFoundError: there is none with that id.
    """
    result = conn.execute(delete(OrganisationRow).where(OrganisationRow.id == organisation_id))
    if result.rowcount == 0:
        raise NotFoundError("There is no organisation with this id.")


def _list(conn: Connection, vault: Vault, query: Any) -> list[Organisation]:
    return [
        Organisation(
            id=row.id,
            name=vault.open(row.name_sealed, row_id=row.id, field=NAME),
            kind=OrganisationKind(row.kind),
            country=row.country,
            language=row.language,
            created_at=row.created_at,
        )
        for row in conn.execute(query)
    ]
