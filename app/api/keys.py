"""/v1/keys: made by admins, shown once, revoked at once."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Response
from pydantic import Field
from sqlalchemy import Connection

from app.accounts import store as accounts_store
from app.accounts.keys import ApiKey, Scope
from app.core.errors import InvalidError
from app.flows.people import revoke_key as revoke
from app.flows.people.make_key import KeyWish, make_key
from app.http.deps import AdminDep, NowDep, StateDep
from app.http.model import ApiModel, Instant, Name
from app.http.openapi import problem
from app.http.pagination import Page, Window, window
from app.http.routing import api_router
from app.subscribers.store.organisations import must_be_there

router = api_router("/keys", tag="keys")

#: A label with one of these is somebody's address, and labels are not sealed.
_PERSONAL = re.compile(r"@|(?:\d[\s().-]*){7,}")


class KeyIn(ApiModel):
    """A key to be made."""

    scope: Scope
    name: Name = Field(description="What the key is for. Not sealed: no person, no address.")
    organisation_id: str | None = Field(
        default=None, description="Needed for subscriber keys; other keys may be bound to one too."
    )
    expires_at: Instant | None = None


class KeyOut(ApiModel):
    """A key as it may be seen again: without the key."""

    id: str
    scope: Scope
    name: str
    organisation_id: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class NewKeyOut(KeyOut):
    """A key just made."""

    key: str = Field(description="Shown this once; only its hash is kept.")


@router.post("", status_code=201)
async def create_key(body: KeyIn, caller: AdminDep, state: StateDep, now: NowDep) -> NewKeyOut:
    """Make a key. The answer is the only place where it can be read."""
    _check(body, now)

    wish = KeyWish(
        scope=body.scope,
        organisation_id=body.organisation_id,
        name=body.name,
        expires_at=body.expires_at,
    )

    def work(conn: Connection) -> tuple[str, ApiKey]:
        key_id, key = make_key(conn, wish, actor=caller.key_id, context=state.context, now=now)
        return key, accounts_store.get_key(conn, key_id)

    key, kept = await state.db.write(work)
    return NewKeyOut(key=key, **_shown(kept))


@router.get("")
async def list_keys(
    _caller: AdminDep,
    state: StateDep,
    view: Annotated[Window, Depends(window("keys"))],
    organisation_id: str | None = None,
) -> Page[KeyOut]:
    """List keys, revoked ones too, in the order they were made; 404 for no organisation."""

    def work(conn: Connection) -> Sequence[ApiKey]:
        must_be_there(conn, organisation_id, vault=state.vault)
        return accounts_store.list_keys(
            conn, after=view.after, limit=view.fetch, organisation_id=organisation_id
        )

    keys = await state.db.read(work)
    items, following = view.page(keys, lambda key: key.id)
    return Page(items=[KeyOut(**_shown(key)) for key in items], next=following)


@router.get("/{key_id}")
async def get_key(key_id: str, _caller: AdminDep, state: StateDep) -> KeyOut:
    """Tell what is known of a key."""
    return KeyOut(**_shown(await state.db.read(lambda conn: accounts_store.get_key(conn, key_id))))


@router.delete("/{key_id}", status_code=204, responses={409: problem(409)})
async def revoke_key(key_id: str, caller: AdminDep, state: StateDep, now: NowDep) -> Response:
    """Revoke a key: it opens nothing from now on. Doing it twice is no fault.

    409 of the last live admin key: make another first.

    Contacts whom it let sign in by code, and no other live key, may not any more either, nor whom
    these let in: whoever took the key may have let himself in with it.
    """
    await state.db.write(lambda conn: revoke.revoke_key(conn, key_id, actor=caller.key_id, now=now))
    state.keys.forget_all()
    return Response(status_code=204)


def _check(body: KeyIn, now: datetime) -> None:
    errors = []
    if body.scope is Scope.SUBSCRIBER and body.organisation_id is None:
        errors.append(("/organisation_id", "A subscriber key sees one organisation: name it."))
    if body.scope is Scope.ADMIN and body.organisation_id is not None:
        errors.append(("/organisation_id", "An admin key is bound to no organisation."))
    if body.expires_at is not None and body.expires_at <= now:
        errors.append(("/expires_at", "The key would have expired already."))
    if _PERSONAL.search(body.name):
        errors.append(("/name", "A label is not sealed: no e-mail address, no telephone number."))
    if errors:
        faults = [{"pointer": pointer, "detail": detail} for pointer, detail in errors]
        raise InvalidError("The key cannot be made as asked; see `errors`.", errors=faults)


def _shown(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "scope": key.scope,
        "name": key.name,
        "organisation_id": key.organisation_id,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
    }
