"""/v1/organisations: admins keep them; a subscriber key sees its own."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Response
from pydantic import Field
from sqlalchemy import Connection

from app.audit import store as audit
from app.core.errors import InvalidError
from app.http.deps import AdminDep, NowDep, StateDep, SubscriberDep
from app.http.model import ApiModel, Name
from app.http.pagination import Page, Window, window
from app.http.routing import api_router
from app.http.state import AppState
from app.subscribers.addresses import is_country
from app.subscribers.contact import Organisation, OrganisationKind, check_language
from app.subscribers.store import organisations as store
from app.subscribers.store.contacts import count_unreachable

router = api_router("/organisations", tag="organisations")


class OrganisationIn(ApiModel):
    """An organisation, whole."""

    name: Name
    kind: OrganisationKind = OrganisationKind.OTHER
    country: str | None = Field(default=None, description="ISO 3166-1 alpha-2; Mali by default.")
    language: str | None = Field(default=None, description="`fr` by default.")


class OrganisationPatch(ApiModel):
    """What changes; what is absent stays."""

    name: Name | None = None
    kind: OrganisationKind | None = None
    country: str | None = None
    language: str | None = None


class OrganisationOut(ApiModel):
    """An organisation."""

    id: str
    name: str
    kind: OrganisationKind
    country: str
    language: str
    created_at: datetime


class OrganisationWhole(OrganisationOut):
    """An organisation, with what its people have to look after."""

    unreachable: int = Field(
        description="Contacts whom nothing reaches: `GET /v1/contacts?state=unreachable`."
    )


@router.post("", status_code=201)
async def create_organisation(
    body: OrganisationIn, caller: AdminDep, state: StateDep, now: NowDep
) -> OrganisationOut:
    """Add an organisation."""
    values = _checked(body, state)

    def work(conn: Connection) -> Organisation:
        organisation_id = store.add_organisation(conn, vault=state.vault, now=now, **values)
        _record(conn, caller.key_id, "created", organisation_id, values=values, now=now)
        return store.get_organisation(conn, organisation_id, vault=state.vault)

    return _shown(await state.db.write(work))


@router.get("")
async def list_organisations(
    caller: SubscriberDep,
    state: StateDep,
    view: Annotated[Window, Depends(window("organisations"))],
) -> Page[OrganisationOut]:
    """List organisations: all for an admin, its own for a subscriber key."""
    found = await state.db.read(
        lambda conn: store.list_organisations(
            conn,
            vault=state.vault,
            after=view.after,
            limit=view.fetch,
            only=caller.organisation_id,
        )
    )
    items, following = view.page(found, lambda organisation: organisation.id)
    return Page(items=[_shown(organisation) for organisation in items], next=following)


@router.get("/{organisation_id}")
async def get_organisation(
    organisation_id: str, caller: SubscriberDep, state: StateDep
) -> OrganisationWhole:
    """Tell what is known of an organisation."""
    caller.must_see(organisation_id, what="organisation")

    def work(conn: Connection) -> OrganisationWhole:
        found = _shown(store.get_organisation(conn, organisation_id, vault=state.vault))
        out_of_reach = count_unreachable(conn, organisation_id)
        return OrganisationWhole(**found.model_dump(), unreachable=out_of_reach)

    return await state.db.read(work)


@router.put("/{organisation_id}")
async def replace_organisation(
    organisation_id: str, body: OrganisationIn, caller: AdminDep, state: StateDep, now: NowDep
) -> OrganisationOut:
    """Replace what is known of an organisation."""
    values = _checked(body, state)
    return await _change(state, organisation_id, values, actor=caller.key_id, now=now)


@router.patch("/{organisation_id}")
async def change_organisation(
    organisation_id: str, body: OrganisationPatch, caller: AdminDep, state: StateDep, now: NowDep
) -> OrganisationOut:
    """Change some of what is known of an organisation."""
    changed = body.model_dump(exclude_none=True)
    _refuse(_faults(changed.get("country"), changed.get("language"), state))
    return await _change(state, organisation_id, changed, actor=caller.key_id, now=now)


@router.delete("/{organisation_id}", status_code=204)
async def delete_organisation(
    organisation_id: str, caller: AdminDep, state: StateDep, now: NowDep
) -> Response:
    """Remove an organisation with its contacts, addresses, subscriptions and keys."""

    def work(conn: Connection) -> None:
        store.delete_organisation(conn, organisation_id)
        _record(conn, caller.key_id, "deleted", organisation_id, values={}, now=now)

    await state.db.write(work)
    state.keys.forget_all()
    return Response(status_code=204)


async def _change(
    state: AppState, organisation_id: str, values: dict[str, Any], *, actor: str, now: datetime
) -> OrganisationOut:
    def work(conn: Connection) -> Organisation:
        before = store.get_organisation(conn, organisation_id, vault=state.vault)
        whole = {
            "name": before.name,
            "kind": before.kind,
            "country": before.country,
            "language": before.language,
            **values,
        }
        store.change_organisation(conn, organisation_id, vault=state.vault, **whole)
        _record(conn, actor, "changed", organisation_id, values=values, now=now)
        return store.get_organisation(conn, organisation_id, vault=state.vault)

    return _shown(await state.db.write(work))


def _checked(body: OrganisationIn, state: AppState) -> dict[str, Any]:
    policy = state.config.subscribers
    country = body.country if body.country is not None else policy.default_country
    language = body.language if body.language is not None else policy.default_language
    _refuse(_faults(country, language, state))
    return {"name": body.name, "kind": body.kind, "country": country, "language": language}


def _faults(country: str | None, language: str | None, state: AppState) -> list[dict[str, str]]:
    faults = []
    if country is not None and not is_country(country):
        detail = "This is not a country's two letters, such as ML, SN or BF."
        faults.append({"pointer": "/country", "detail": detail})
    if language is not None:
        faults += check_language(language, state.config.subscribers)
    return faults


def _refuse(faults: list[dict[str, str]]) -> None:
    if faults:
        raise InvalidError("The organisation cannot be kept as it is.", errors=faults)


def _record(
    conn: Connection, actor: str, done: str, organisation_id: str, *, values: Any, now: datetime
) -> None:
    audit.record(
        conn,
        actor=actor,
        action=f"organisation.{done}",
        subject_id=organisation_id,
        organisation_id=organisation_id,
        detail={"fields": sorted(values)},
        now=now,
    )


def _shown(organisation: Organisation) -> OrganisationOut:
    return OrganisationOut(
        id=organisation.id,
        name=organisation.name,
        kind=organisation.kind,
        country=organisation.country,
        language=organisation.language,
        created_at=organisation.created_at,
    )
