"""Alerts: what was said, to how many, and the desk's own words."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Annotated, Any

from fastapi import Depends, Response, status
from sqlalchemy import Connection

from app.accounts.keys import Scope
from app.alerts import store as alert_store
from app.alerts.codec import facts_to_json
from app.alerts.compose import compose
from app.alerts.records import AlertFilter, AlertNotFoundError, StoredAlert
from app.api.alert_bodies import (
    AcknowledgeIn,
    AcknowledgementOut,
    AlertDetailOut,
    AlertIn,
    AlertOut,
    AlertsOut,
    DeliveryOut,
    Filters,
    MessageOut,
    WithdrawIn,
)
from app.core.errors import ForbiddenError, InvalidError
from app.core.levels import Level
from app.delivery.outbox import listing
from app.delivery.outbox.listing import DeliveryView
from app.flows.desk import speak_by_hand
from app.flows.desk.speak_by_hand import ByHand
from app.flows.people import own_affairs
from app.flows.sending import acknowledge
from app.flows.wire import coarse_evidence, coarse_facts
from app.http.deps import Caller, ModeratorDep, NowDep, ReaderDep, StateDep
from app.http.pagination import Page, Window, window
from app.http.routing import api_router
from app.http.state import AppState
from app.roads.network import Corridor
from app.subscribers.countries import in_currency
from app.subscribers.targets import unknown_words

router = api_router("/alerts", tag="alerts")


@router.get("")
async def list_alerts(
    caller: ReaderDep,
    state: StateDep,
    page: Annotated[Window, Depends(window("alerts"))],
    filters: Annotated[Filters, Depends()],
) -> AlertsOut:
    """List alerts, the newest first. Held ones are for the desk."""
    if not _is_desk(caller) and filters.status == "held":
        raise ForbiddenError("Alerts that wait for release are for moderators.")
    wanted = AlertFilter(
        **_known(filters, state), hide_held=not _is_desk(caller), trials_of=caller.organisation_id
    )

    def work(conn: Connection) -> tuple[list[AlertOut], str | None]:
        rows = alert_store.list_alerts(conn, wanted, after=page.after, limit=page.fetch)
        kept, following = page.page(_noted(conn, rows, caller), lambda row: row.id)
        return [AlertOut(**_seen(row, caller, state)) for row in kept], following

    items, following = await state.db.read(work)
    return AlertsOut(
        items=items,
        next=following,
        warnings=await state.watch.warnings() if _is_desk(caller) else [],
    )


_SAID_BEFORE: dict[int | str, dict[str, Any]] = {
    200: {"model": AlertOut, "description": "The same again: answered as before, told to nobody."}
}


@router.get("/{alert_id}")
async def get_alert(alert_id: str, caller: ReaderDep, state: StateDep) -> AlertDetailOut:
    """Return an alert with its texts; the counts are of the caller's own organisation."""
    return await state.db.read(
        lambda conn: _detail(conn, visible(conn, alert_id, caller), caller, state)
    )


@router.post("", status_code=201, responses=_SAID_BEFORE)
async def write_alert(
    body: AlertIn, caller: ModeratorDep, state: StateDep, now: NowDep, response: Response
) -> AlertOut:
    """Send an alert in your own words, to whom it concerns.

    The same sent again within ten minutes, with nothing said between, is answered with the first
    and told to nobody twice.
    """
    wanted = ByHand(
        type=body.type,
        route=_route(body.route, state).code,
        cargo=_cargo(body.cargo, state),
        level=Level(body.level),
        certainty=body.certainty,
        note=body.note,
        exercise=body.exercise,
    )
    alert, new = await state.db.write(
        lambda conn: speak_by_hand.speak_once(
            conn, wanted, actor=caller.key_id, context=state.context, now=now
        )
    )
    if not new:
        response.status_code = status.HTTP_200_OK
    state.wake()
    return AlertOut(**_out(alert, state))


@router.get("/{alert_id}/deliveries")
async def list_deliveries(
    alert_id: str,
    caller: ReaderDep,
    state: StateDep,
    page: Annotated[Window, Depends(window("deliveries"))],
) -> Page[DeliveryOut]:
    """List who was sent the alert and what became of it; subscribers see their own contacts."""

    def work(conn: Connection) -> list[DeliveryView]:
        visible(conn, alert_id, caller)
        return listing.list_deliveries(
            conn,
            alert_id,
            cursor=page.after,
            limit=page.fetch,
            organisation_id=caller.organisation_id,
        )

    kept, following = page.page(await state.db.read(work), lambda row: row.id)
    return Page(items=[_delivery(row) for row in kept], next=following)


@router.get("/{alert_id}/unreached")
async def list_unreached(
    alert_id: str,
    caller: ReaderDep,
    state: StateDep,
    now: NowDep,
    page: Annotated[Window, Depends(window("unreached"))],
) -> Page[DeliveryOut]:
    """List whom the alert did not reach, or perhaps not: somebody should call them."""

    def work(conn: Connection) -> list[DeliveryView]:
        visible(conn, alert_id, caller)
        return listing.list_unreached(
            conn,
            alert_id,
            cursor=page.after,
            limit=page.fetch,
            organisation_id=caller.organisation_id,
            receipt_within=state.config.delivery.receipt_within,
            now=now,
        )

    kept, following = page.page(await state.db.read(work), lambda row: row.id)
    return Page(items=[_delivery(row) for row in kept], next=following)


@router.post("/{alert_id}/release")
async def release_alert(
    alert_id: str, caller: ModeratorDep, state: StateDep, now: NowDep
) -> AlertOut:
    """Let a held alert be told, and with it what waits for release of the same cause."""
    alert = await state.db.write(
        lambda conn: speak_by_hand.release(conn, alert_id, actor=caller.key_id, now=now)
    )
    state.wake()
    return AlertOut(**_out(alert, state))


@router.post("/{alert_id}/withdraw", status_code=201)
async def withdraw_alert(
    alert_id: str, body: WithdrawIn, caller: ModeratorDep, state: StateDep, now: NowDep
) -> AlertOut:
    """Take an alert back: everybody whom its chain reached is told. Answers the withdrawal."""
    alert = await state.db.write(
        lambda conn: speak_by_hand.withdraw(
            conn, alert_id, body.note, actor=caller.key_id, context=state.context, now=now
        )
    )
    state.wake()
    return AlertOut(**_out(alert, state))


@router.post("/{alert_id}/acknowledge")
async def acknowledge_alert(
    alert_id: str,
    caller: ReaderDep,
    state: StateDep,
    now: NowDep,
    body: AcknowledgeIn | None = None,
) -> AlertDetailOut:
    """Record that somebody has taken note: you, or the contact you name; twice changes nothing.

    With it nobody else of the organisation is called for this alert. A moderator's word counts for
    an organisation only where it names a contact: somebody who was called, and knows.
    """
    contact_id = body.contact_id if body else None

    def work(conn: Connection) -> AlertDetailOut:
        visible(conn, alert_id, caller)
        organisation_id = caller.organisation_id
        if contact_id is not None:
            organisation_id = own_affairs.organisation_seen(conn, contact_id, caller)
        alert = acknowledge.by_key(
            conn,
            alert_id,
            key_id=caller.key_id,
            organisation_id=organisation_id,
            contact_id=contact_id,
            now=now,
        )
        return _detail(conn, alert, caller, state)

    return await state.db.write(work)


def visible(conn: Connection, alert_id: str, caller: Caller) -> StoredAlert:
    """Return an alert that the caller may know of: what is held is for the desk.

    A test message is for the organisation whose people it was sent to.

    Raises:
        AlertNotFoundError: There is none, or none for the caller.
    """
    alert = alert_store.get_alert(conn, alert_id)
    mine = caller.organisation_id
    hidden = mine is not None and alert_store.is_trial_of_others(conn, alert, mine)
    if hidden or (alert.status == "held" and not _is_desk(caller)):
        raise AlertNotFoundError(f"There is no alert {alert_id[:64]!r}.")
    return alert


def _detail(
    conn: Connection, alert: StoredAlert, caller: Caller, state: AppState
) -> AlertDetailOut:
    mine = caller.organisation_id
    (alert,) = _noted(conn, [alert], caller)
    noted = alert_store.list_acknowledgements(conn, alert.id, organisation_id=mine)
    return AlertDetailOut(
        **_seen(alert, caller, state),
        acknowledgements=[AcknowledgementOut.of(one) for one in noted],
        messages=[
            MessageOut(
                channel=one.channel,
                language=one.language,
                subject=one.subject,
                text=one.text,
                segments=one.segments,
            )
            for one in alert_store.messages_of(conn, alert.id)
        ],
        deliveries=dict(listing.counts(conn, alert.id, organisation_id=mine)),
        cost=in_currency(listing.cost(conn, [alert.id], organisation_id=mine)),
    )


def _noted(conn: Connection, alerts: Sequence[StoredAlert], caller: Caller) -> list[StoredAlert]:
    """Return alerts with when somebody took note whom the caller may know of.

    That anybody of another organisation did would tell that it has people on the road.
    """
    mine = caller.organisation_id
    if mine is None:
        return list(alerts)
    noted = alert_store.noted_at(conn, [one.id for one in alerts], organisation_id=mine)
    return [replace(one, acknowledged_at=noted.get(one.id)) for one in alerts]


def _is_desk(caller: Caller) -> bool:
    return caller.scope in {Scope.ADMIN, Scope.MODERATOR}


def _known(filters: Filters, state: AppState) -> dict[str, Any]:
    """Return the filters, the route by its code.

    Raises:
        InvalidError: A route or cargo is none: "nothing is told there" would be the answer.
    """
    given = filters.model_dump()
    if filters.route and (corridor := state.roads.find_corridor(filters.route)) is not None:
        given["route"] = corridor.code
    known = {"route": list(state.roads.corridors), "cargo": state.config.cargoes.codes}
    faults = [
        {"parameter": what, "in": "query", "detail": fault.detail}
        for what, codes in known.items()
        if (name := given[what]) is not None
        for fault in unknown_words(what, [name], codes, at=f"/{what}")
    ]
    if faults:
        raise InvalidError("The filter names what is not there; see `errors`.", errors=faults)
    return given


def _route(code: str, state: AppState) -> Corridor:
    corridor = state.roads.find_corridor(code)
    if corridor is None:
        raise _unknown("route", code, list(state.roads.corridors))
    return corridor


def _cargo(code: str, state: AppState) -> str:
    codes = state.config.cargoes.codes
    if code not in codes:
        raise _unknown("cargo", code, codes)
    return code


def _unknown(what: str, name: str, known: Sequence[str]) -> InvalidError:
    (fault,) = unknown_words(what, [name], known, at=f"/{what}")
    return InvalidError(fault.detail, errors=[{"pointer": f"/{what}", "detail": fault.detail}])


def _delivery(row: DeliveryView) -> DeliveryOut:
    known = asdict(row)
    known["cost"] = None if row.cost is None else in_currency(row.cost)
    return DeliveryOut(address=known.pop("masked"), **known)


def _seen(alert: StoredAlert, caller: Caller, state: AppState) -> dict[str, Any]:
    """Return an alert as `caller` may see it: where convoys are is for the desk."""
    shown = _out(alert, state)
    if not _is_desk(caller):
        shown["facts"] = coarse_facts(shown["facts"], state.config.kinds)
        shown["evidence"] = coarse_evidence(shown["evidence"], state.config.kinds)
    return shown


def _out(alert: StoredAlert, state: AppState) -> dict[str, Any]:
    config = state.config
    text = compose(
        alert.facts,
        alert.type,
        channel="sms",
        language=config.subscribers.default_language,
        templates=config.templates,
        zone=config.alerts.zone,
    ).text
    return {
        "id": alert.id,
        "bundle_id": alert.bundle_id,
        "chain_id": alert.chain_id,
        "type": alert.type,
        "status": alert.status,
        "route": alert.route,
        "cargo": alert.cargo,
        "level": alert.level,
        "before": alert.before,
        "certainty": alert.certainty,
        "audience": alert.audience.value,
        "references": list(alert.references),
        "reason": alert.reason.value,
        "text": text,
        "facts": facts_to_json(alert.facts),
        "evidence": dict(alert.evidence),
        "rule_set": alert.rule_set,
        "created_at": alert.created_at,
        "expires_at": alert.expires_at,
        "acknowledged_at": alert.acknowledged_at,
        "fanned_out_at": alert.fanned_out_at,
    }
