"""/v1/contacts: addresses go in, and come out masked only."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query, Response
from sqlalchemy import Connection

from app.api.contact_bodies import (
    ContactBatchIn,
    ContactFields,
    ContactIds,
    ContactIn,
    ContactMade,
    ContactOut,
    ContactPatch,
    ContactWhole,
    contact_out,
)
from app.api.invitations import ask, reach_of, shown
from app.api.offered import refuse_unoffered
from app.audit import store as audit
from app.core.errors import InvalidError
from app.flows.people import sign_in_code
from app.flows.people.invite import invite_new
from app.flows.people.own_people import add_checked
from app.flows.sending.tell_newcomers import tell_newcomers
from app.http.deps import Caller, NowDep, StateDep, SubscriberDep, charge
from app.http.pagination import Page, Window, window
from app.http.routing import api_router
from app.http.state import AppState
from app.subscribers.contact import (
    USUAL,
    Contact,
    ContactChannel,
    ContactDraft,
    ContactState,
    check_change,
    check_contact,
    check_language,
)
from app.subscribers.silenced import ADDRESS_GONE
from app.subscribers.store import contacts as store
from app.subscribers.store import invitations, webhooks
from app.subscribers.store.organisations import get_organisation, must_be_there
from app.subscribers.store.subscriptions import follow_channels

router = api_router("/contacts", tag="contacts")


@router.post("", status_code=201, response_model_exclude_unset=True)
async def create_contact(
    body: ContactIn, caller: SubscriberDep, state: StateDep, now: NowDep
) -> ContactMade:
    """Add a contact. The secret of its webhook is in this answer, and nowhere else."""
    organisation_id = own_organisation(caller, body.organisation_id)
    drafts = await _drafts(state, organisation_id, [body], batch=False)

    def work(conn: Connection) -> ContactMade:
        get_organisation(conn, organisation_id, vault=state.vault)
        (contact_id,) = add_checked(
            conn,
            organisation_id,
            drafts,
            actor=caller.key_id,
            bounded=caller.organisation_id is not None,
            context=state.context,
            now=now,
        )
        contact = store.get_contact(conn, contact_id, vault=state.vault)
        if body.confirm:
            invitations.hold(conn, contact_id, now=now)
            contact = store.get_contact(conn, contact_id, vault=state.vault)
            ask(conn, contact, state, caller, now=now)
        return _made(conn, state, contact, drafts[0].addresses)

    made = await state.db.write(work)
    if body.confirm:
        state.wake()
    return made


@router.post("/batch", status_code=201)
async def create_contacts(
    body: ContactBatchIn, caller: SubscriberDep, state: StateDep, now: NowDep
) -> ContactIds:
    """Add up to 1,000 contacts to one organisation, all or none.

    Webhooks are given one at a time: what signs their events is shown in that answer alone. If
    one who is to be asked first (`confirm`) cannot be, nobody is added; an organisation may ask
    `invitations.per_day` of config/policy/consent.toml.
    """
    charge(state, caller, len(body.contacts) / 100, now=now)
    organisation_id = own_organisation(caller, body.organisation_id)
    drafts = await _drafts(state, organisation_id, body.contacts, batch=True)
    context, who = state.context, caller.key_id

    def work(conn: Connection) -> list[str]:
        get_organisation(conn, organisation_id, vault=state.vault)
        ids = add_checked(
            conn,
            organisation_id,
            drafts,
            actor=who,
            bounded=caller.organisation_id is not None,
            context=context,
            now=now,
            at="/contacts",
        )
        asked = {
            ids[index]: f"/contacts/{index}/confirm"
            for index, one in enumerate(body.contacts)
            if one.confirm
        }
        if asked:
            reach = reach_of(state)
            invite_new(conn, asked, actor=who, reach=reach, context=context, now=now)
        return ids

    ids = await state.db.write(work)
    if any(one.confirm for one in body.contacts):
        state.wake()
    return ContactIds(ids=ids)


@router.get("")
async def list_contacts(
    caller: SubscriberDep,
    state: StateDep,
    view: Annotated[Window, Depends(window("contacts"))],
    organisation_id: str | None = None,
    where: Annotated[
        ContactState | None,
        Query(alias="state", description="Those alone with an address in this state."),
    ] = None,
) -> Page[ContactOut]:
    """List contacts: an organisation's, 404 where there is none; or all for an admin."""
    if organisation_id is not None:
        caller.must_see(organisation_id, what="organisation")

    def work(conn: Connection) -> Sequence[Contact]:
        must_be_there(conn, organisation_id, vault=state.vault)
        whose, after, most = caller.organisation_id or organisation_id, view.after, view.fetch
        return store.list_contacts(
            conn, vault=state.vault, organisation_id=whose, after=after, limit=most, state=where
        )

    found = await state.db.read(work)
    items, following = view.page(found, lambda contact: contact.id)
    return Page(items=[contact_out(contact) for contact in items], next=following)


@router.get("/{contact_id}", response_model_exclude_unset=True)
async def get_contact(
    contact_id: str, caller: SubscriberDep, state: StateDep, now: NowDep
) -> ContactWhole:
    """Tell what is known of a contact, its addresses masked, and how it agreed."""

    def work(conn: Connection) -> ContactWhole:
        contact = _visible(conn, state, caller, contact_id)
        consent = [shown(one, now=now) for one in invitations.list_of(conn, contact_id)]
        whole = contact_out(contact).model_dump()
        return ContactWhole(**whole, consent=consent) if consent else ContactWhole(**whole)

    return await state.db.read(work)


@router.put("/{contact_id}", response_model_exclude_unset=True)
async def replace_contact(
    contact_id: str, body: ContactFields, caller: SubscriberDep, state: StateDep, now: NowDep
) -> ContactMade:
    """Replace a contact. An address must be given again: nobody can read it back."""
    await refuse_unoffered(state, [body], at=None)

    def work(conn: Connection) -> tuple[ContactMade, bool]:
        contact = _visible(conn, state, caller, contact_id)
        draft = _draft(conn, state, contact.organisation_id, body, at="")
        gone = store.change_contact(
            conn,
            contact,
            vault=state.vault,
            countries=state.config.countries,
            name=draft.name,
            language=draft.language,
            keep=(),
            addresses=draft.addresses,
            now=now,
        )
        fields = set(ContactFields.model_fields)
        changed = _changed(conn, state, contact, fields=fields, caller=caller, now=now, gone=gone)
        # the phone he signed in with may be lost
        ended = sign_in_code.sign_out(conn, contact_id, insider=caller, now=now)
        return _made(conn, state, changed, draft.addresses), ended

    made, ended = await state.db.write(work)
    if ended:
        state.keys.forget_all()
    return made


@router.patch("/{contact_id}", response_model_exclude_unset=True)
async def change_contact(
    contact_id: str, body: ContactPatch, caller: SubscriberDep, state: StateDep, now: NowDep
) -> ContactMade:
    """Change some of a contact; addresses that are not named stay.

    A webhook that is given begins anew: with a new secret, and written to where it was not. Whoever
    signed in by code is signed out when an address changes: the phone may be lost.
    """
    await refuse_unoffered(state, [body], at=None)
    if body.language is not None:
        _refuse(check_language(body.language, state.config.subscribers))

    def work(conn: Connection) -> tuple[ContactMade, bool]:
        contact = _visible(conn, state, caller, contact_id)
        organisation = get_organisation(conn, contact.organisation_id, vault=state.vault)
        keep, addresses = check_change(
            contact, given=_given(body), channels=body.channels, country=organisation.country
        )
        gone = store.change_contact(
            conn,
            contact,
            vault=state.vault,
            countries=state.config.countries,
            name=contact.name if body.name is None else body.name,
            language=contact.language if body.language is None else body.language,
            keep=keep,
            addresses=addresses,
            now=now,
        )
        changed = _changed(
            conn, state, contact, fields=body.model_fields_set, caller=caller, now=now, gone=gone
        )
        moved = addresses or len(keep) < len(contact.channels)
        ended = bool(moved) and sign_in_code.sign_out(conn, contact_id, insider=caller, now=now)
        return _made(conn, state, changed, addresses), ended

    made, ended = await state.db.write(work)
    if ended:
        state.keys.forget_all()
    return made


@router.delete("/{contact_id}", status_code=204)
async def delete_contact(
    contact_id: str, caller: SubscriberDep, state: StateDep, now: NowDep
) -> Response:
    """Remove a contact with its addresses and subscriptions."""

    def work(conn: Connection) -> None:
        contact = _visible(conn, state, caller, contact_id)
        sign_in_code.end(conn, contact_id, now=now)
        store.delete_contact(conn, contact_id)
        _record(conn, caller, "deleted", contact_id, contact.organisation_id, fields=set(), now=now)

    await state.db.write(work)
    state.keys.forget_all()
    return Response(status_code=204)


def own_organisation(caller: Caller, named: str | None) -> str:
    """Return the organisation that a caller means.

    Raises:
        NotFoundError: it named one that it does not see.
        InvalidError: it is bound to none and named none.
    """
    if named is not None:
        caller.must_see(named, what="organisation")
        return named
    if caller.organisation_id is None:
        detail = "Name the organisation: this key is bound to none."
        raise InvalidError(detail, errors=[{"pointer": "/organisation_id", "detail": detail}])
    return caller.organisation_id


async def _drafts(
    state: AppState, organisation_id: str, bodies: Sequence[ContactFields], *, batch: bool
) -> list[ContactDraft]:
    """Check contacts on a reader's thread: a thousand numbers would hold the event loop up."""
    await refuse_unoffered(state, bodies, at="/contacts" if batch else None)

    def work(conn: Connection) -> list[ContactDraft]:
        drafts: list[ContactDraft] = []
        errors: list[dict[str, str]] = []
        for index, body in enumerate(bodies):
            at = f"/contacts/{index}" if batch else ""
            try:
                drafts.append(_draft(conn, state, organisation_id, body, at=at))
            except InvalidError as error:
                errors += [dict(fault) for fault in error.errors]
        _refuse(errors)
        return drafts

    return await state.db.read(work)


def _draft(
    conn: Connection, state: AppState, organisation_id: str, body: ContactFields, *, at: str
) -> ContactDraft:
    organisation = get_organisation(conn, organisation_id, vault=state.vault)
    return check_contact(
        name=body.name,
        phone=body.phone,
        email=body.email,
        webhook=body.webhook,
        language=body.language if body.language is not None else organisation.language,
        channels=body.channels,
        country=organisation.country,
        policy=state.config.subscribers,
        at=at,
    )


def _given(body: ContactPatch) -> dict[str, str | None]:
    named = [field for field in USUAL if field in body.model_fields_set]
    return {field: getattr(body, field) for field in named}


def _made(
    conn: Connection,
    state: AppState,
    contact: Contact,
    written: Mapping[ContactChannel, str],
) -> ContactMade:
    """Return a contact as it was just written, with the secret of a webhook that was."""
    made = contact_out(contact).model_dump()
    if ContactChannel.WEBHOOK in written:
        endpoint = webhooks.get_endpoint(conn, contact.id, vault=state.vault)
        made["webhook_secret"] = endpoint.secret
    return ContactMade(**made)


def _visible(conn: Connection, state: AppState, caller: Caller, contact_id: str) -> Contact:
    contact = store.get_contact(conn, contact_id, vault=state.vault)
    caller.must_see(contact.organisation_id, what="contact")
    return contact


def _changed(
    conn: Connection,
    state: AppState,
    contact: Contact,
    *,
    fields: set[str],
    caller: Caller,
    now: datetime,
    gone: bool,
) -> Contact:
    follow_channels(conn, contact.id)
    _record(
        conn,
        caller,
        "changed",
        contact.id,
        contact.organisation_id,
        fields=fields,
        now=now,
        **({ADDRESS_GONE: True} if gone else {}),
    )
    # what did not reach the address of before
    tell_newcomers(conn, [contact.id], context=state.context, now=now)
    return store.get_contact(conn, contact.id, vault=state.vault)


def _record(
    conn: Connection,
    caller: Caller,
    done: str,
    contact_id: str,
    organisation_id: str,
    *,
    fields: set[str],
    now: datetime,
    **detail: bool,
) -> None:
    audit.record(
        conn,
        actor=caller.key_id,
        action=f"contact.{done}",
        subject_id=contact_id,
        organisation_id=organisation_id,
        detail={"fields": sorted(fields), **detail},
        now=now,
    )


def _refuse(errors: list[dict[str, str]]) -> None:
    if errors:
        raise InvalidError("The contacts cannot be kept as they are; see `errors`.", errors=errors)
