"""/v1/reporters: phones that reports come from by SMS, and the words that say "I am forced to"."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Response
from pydantic import Field
from sqlalchemy import Connection

from app.accounts import store as accounts_store
from app.accounts.keys import Scope
from app.api.contact_bodies import Phone
from app.audit import store as audit
from app.core.errors import InvalidError, NotFoundError
from app.flows.messages.duress import agree_on_word, check_word
from app.http.deps import AdminDep, Caller, NowDep, StateDep
from app.http.model import ApiModel
from app.http.pagination import Page, Window, window
from app.http.routing import api_router
from app.http.state import AppState
from app.subscribers.addresses import AddressError, check_phone, mask, same_address
from app.subscribers.contact import ContactChannel, check_language
from app.subscribers.store import senders
from app.subscribers.store.organisations import get_organisation
from app.subscribers.store.senders import Reporter, organisation_subject, reporter_subject

router = api_router("", tag="reporters")

Word = Annotated[
    str,
    Field(
        min_length=4,
        max_length=40,
        description="One word that nobody uses otherwise. Only its keyed hash is kept.",
    ),
]


class ReporterIn(ApiModel):
    """A phone that reports come from. The number itself is not kept, only what finds it."""

    phone: Phone
    organisation_id: str | None = None
    key_id: Annotated[
        str | None,
        Field(description="The reporter's own API key: reports of both are one source's."),
    ] = None
    language: str | None = None
    duress_word: Word | None = None


class ReporterOut(ApiModel):
    """A reporter's phone, masked."""

    id: str
    phone: str
    organisation_id: str | None
    key_id: str | None
    language: str | None
    has_duress_word: bool
    created_at: datetime


class DuressWordIn(ApiModel):
    """The word agreed on; null: none any more."""

    word: Word | None


@router.post("/reporters", status_code=201)
async def create_reporter(
    body: ReporterIn, caller: AdminDep, state: StateDep, now: NowDep
) -> ReporterOut:
    """Add a phone that reports come from; what it sends counts like reports with its key."""
    if body.language is not None and (
        faults := check_language(body.language, state.config.subscribers)
    ):
        raise InvalidError("The language is not known.", errors=faults)
    word = check_word(body.duress_word, state.context, at="/duress_word")

    def work(conn: Connection) -> Reporter:
        phone = _phone(conn, body, state)
        _check_key(conn, body.key_id)
        reporter_id = senders.add_reporter(
            conn,
            phone_index=state.vault.blind_index(ContactChannel.SMS, same_address(phone)),
            masked=mask("sms", phone),
            organisation_id=body.organisation_id,
            key_id=body.key_id,
            language=body.language,
            now=now,
        )
        _record(conn, caller, "created", reporter_id, body.organisation_id, now=now)
        if word is not None:
            agree_on_word(conn, reporter_subject(reporter_id), word, context=state.context, now=now)
        return senders.get_reporter(conn, reporter_id)

    return _shown(await state.db.write(work))


@router.get("/reporters")
async def list_reporters(
    _caller: AdminDep, state: StateDep, view: Annotated[Window, Depends(window("reporters"))]
) -> Page[ReporterOut]:
    """List the phones that reports come from, masked."""
    found = await state.db.read(
        lambda conn: senders.list_reporters(conn, after=view.after, limit=view.fetch)
    )
    items, following = view.page(found, lambda one: one.id)
    return Page(items=[_shown(one) for one in items], next=following)


@router.delete("/reporters/{reporter_id}", status_code=204)
async def delete_reporter(
    reporter_id: str, caller: AdminDep, state: StateDep, now: NowDep
) -> Response:
    """Take no more reports from a phone; those that it sent stay."""

    def work(conn: Connection) -> None:
        reporter = senders.get_reporter(conn, reporter_id)
        senders.delete_reporter(conn, reporter_id)
        _record(conn, caller, "deleted", reporter_id, reporter.organisation_id, now=now)

    await state.db.write(work)
    return Response(status_code=204)


@router.put("/reporters/{reporter_id}/duress-word", status_code=204)
async def set_reporter_word(
    reporter_id: str, body: DuressWordIn, caller: AdminDep, state: StateDep, now: NowDep
) -> Response:
    """Agree on another word of duress with a reporter; null: on none."""
    word = check_word(body.word, state.context, at="/word")

    def work(conn: Connection) -> None:
        reporter = senders.get_reporter(conn, reporter_id)
        agree_on_word(conn, reporter_subject(reporter_id), word, context=state.context, now=now)
        _record(conn, caller, "changed", reporter_id, reporter.organisation_id, now=now)

    await state.db.write(work)
    return Response(status_code=204)


@router.put("/organisations/{organisation_id}/duress-word", status_code=204)
async def set_organisation_word(
    organisation_id: str, body: DuressWordIn, caller: AdminDep, state: StateDep, now: NowDep
) -> Response:
    """Agree on a word of duress with all who have a phone of an organisation; null: on none."""
    caller.must_see(organisation_id, what="organisation")
    word = check_word(body.word, state.context, at="/word")

    def work(conn: Connection) -> None:
        get_organisation(conn, organisation_id, vault=state.vault)
        subject = organisation_subject(organisation_id)
        agree_on_word(conn, subject, word, context=state.context, now=now)
        audit.record(
            conn,
            actor=caller.key_id,
            action="organisation.changed",
            subject_id=organisation_id,
            organisation_id=organisation_id,
            detail={"fields": ["safety"]},  # not which: the audit is read by many
            now=now,
        )

    await state.db.write(work)
    return Response(status_code=204)


def _phone(conn: Connection, body: ReporterIn, state: AppState) -> str:
    country = state.config.subscribers.default_country
    if body.organisation_id is not None:
        country = get_organisation(conn, body.organisation_id, vault=state.vault).country
    try:
        return check_phone(body.phone, country=country)
    except AddressError as error:
        raise InvalidError(
            error.detail, errors=[{"pointer": "/phone", "detail": error.detail}]
        ) from error


def _check_key(conn: Connection, key_id: str | None) -> None:
    if key_id is None:
        return
    detail = "There is no reporter's key with this id."
    wrong = InvalidError(detail, errors=[{"pointer": "/key_id", "detail": detail}])
    try:
        key = accounts_store.get_key(conn, key_id)
    except NotFoundError as error:
        raise wrong from error
    if key.scope is not Scope.REPORTER:
        raise wrong


def _record(
    conn: Connection,
    caller: Caller,
    done: str,
    reporter_id: str,
    organisation_id: str | None,
    *,
    now: datetime,
) -> None:
    audit.record(
        conn,
        actor=caller.key_id,
        action=f"reporter.{done}",
        subject_id=reporter_id,
        organisation_id=organisation_id,
        now=now,
    )


def _shown(reporter: Reporter) -> ReporterOut:
    return ReporterOut(
        id=reporter.id,
        phone=reporter.masked,
        organisation_id=reporter.organisation_id,
        key_id=reporter.key_id,
        language=reporter.language,
        has_duress_word=reporter.has_duress_word,
        created_at=reporter.created_at,
    )
