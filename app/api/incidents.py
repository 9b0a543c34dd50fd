"""Incidents: what is held to have happened, and the desk's word on it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Header, Query
from pydantic import BeforeValidator, Field
from sqlalchemy import Connection

from app.accounts.keys import Scope
from app.api.bodies import PlaceIn, check_span, located
from app.api.incident_bodies import (
    DecisionOut,
    HeldBy,
    IncidentIn,
    IncidentOut,
    IncidentWhole,
    MergeIn,
    SplitIn,
    VersionOut,
)
from app.core.errors import InvalidError
from app.flows import turns
from app.flows.desk import moderate
from app.flows.desk.desk_file import subject_of
from app.flows.desk.desk_hold import must_be_as_shown
from app.flows.desk.moderate import Verdict
from app.flows.wire import HIDDEN, incident_out, report_out
from app.http.deps import Caller, ModeratorDep, NowDep, ReaderDep, StateDep
from app.http.model import ApiModel, Instant, unquoted
from app.http.pagination import Page, Window, window
from app.http.routing import api_router
from app.http.state import AppState
from app.incidents import store as incident_store
from app.incidents.incident import Incident, Status
from app.incidents.kinds import Kind
from app.incidents.naming import Names
from app.incidents.report import Family
from app.incidents.store import IncidentFilters, IncidentNotFoundError
from app.roads.places import Location
from app.subscribers.targets import unknown_words

router = api_router("/incidents", tag="incidents")

#: As a moderator read it; no incident is ever decided on so often.
Seen = Annotated[
    Annotated[int, Field(ge=1, le=1_000_000_000)] | None,
    BeforeValidator(unquoted),
    Header(
        alias="If-Match",
        description="The `version` of the incident that was looked at; 409 when it has another by"
        " now, and nothing is changed. Without it the last word counts.",
    ),
]
#: What others than the desk are told of by itself.
_TOLD = frozenset(family.value for family in Family) - {family.value for family in HIDDEN}


class Filters(ApiModel):
    """Query parameters of the listing."""

    status: Annotated[Status | None, Query()] = None
    kind: Annotated[str | None, Query(max_length=60)] = None
    since: Annotated[Instant | None, Query()] = None
    until: Annotated[Instant | None, Query()] = None
    route: Annotated[str | None, Query(max_length=40)] = None


@router.get("")
async def list_incidents(
    caller: ReaderDep,
    state: StateDep,
    page: Annotated[Window, Depends(window("incidents"))],
    filters: Annotated[Filters, Depends()],
) -> Page[IncidentOut]:
    """List incidents, the newest first; good news and operations for the desk alone."""
    check_span(filters.since, filters.until, ("since", "until"))
    wanted = IncidentFilters(
        statuses=frozenset({filters.status}) if filters.status else None,
        kinds=frozenset({_kind(filters.kind, state, _IN_QUERY).code}) if filters.kind else None,
        since=filters.since,
        until=filters.until,
        families=None if _is_desk(caller) else _TOLD,
        sections=_sections(filters.route, state) if filters.route else None,
    )
    rows = await state.db.read(
        lambda conn: incident_store.list_incidents(
            conn, filters=wanted, after=page.after, limit=page.fetch
        )
    )
    kept, following = page.page(rows, lambda row: row.id)
    names = state.config.incidents.matching.names
    return Page(
        items=[_out(row, full=_is_desk(caller), names=names) for row in kept], next=following
    )


@router.get("/{incident_id}")
async def get_incident(
    incident_id: str, caller: ReaderDep, state: StateDep, now: NowDep
) -> IncidentWhole:
    """Return an incident; moderators see its reports, its versions and who works on it, too.

    Good news and operations are the desk's: their ids and instants would tell when a convoy passed,
    and whether there is one of somebody's own report whether it joined another's, there.
    """
    incident = await state.db.read(lambda conn: incident_store.get_incident(conn, incident_id))
    if not _is_desk(caller):
        if incident.family in HIDDEN:
            raise IncidentNotFoundError(f"no incident {incident_id[:40]}")
        names = state.config.incidents.matching.names
        return IncidentWhole(**incident_out(incident, full=False, names=names))
    reports = await state.db.read(lambda conn: incident_store.list_reports_of(conn, incident_id))
    versions = await state.db.read(lambda conn: incident_store.list_versions(conn, incident_id))
    return IncidentWhole(
        **incident_out(incident, full=True),
        held_by=await state.db.read(lambda conn: _held_by(conn, incident_id, now=now)),
        filed=[report_out(report) for report in reports],
        versions=[
            VersionOut(known_at=known_at, cause=cause, incident=_out(one, full=True))
            for known_at, cause, one in versions
        ],
    )


async def _moved_to(
    place: PlaceIn, incident_id: str, kind: Kind | None, state: AppState
) -> Location:
    """Return where the desk says that an incident, held to be of `kind` or as before, was."""
    if kind is not None:
        return located(place, state, kind=kind.code)
    held = await state.db.read(lambda conn: incident_store.get_incident(conn, incident_id))
    return located(place, state, kind=held.kind)


@router.patch("/{incident_id}")
async def decide_incident(
    *,
    incident_id: str,
    body: IncidentIn,
    caller: ModeratorDep,
    state: StateDep,
    now: NowDep,
    seen: Seen = None,
) -> DecisionOut:
    """Confirm, refute, resolve, re-type, move or re-date an incident; the rest follows."""
    place = PlaceIn(place=body.place) if isinstance(body.place, str) else body.place
    kind = _kind(body.kind, state, _IN_BODY) if body.kind is not None else None
    said = Verdict(
        status=Status(body.status) if body.status is not None else None,
        kind=kind,
        location=await _moved_to(place, incident_id, kind, state) if place is not None else None,
        starts_at=body.starts_at,
        note=body.note,
    )
    return await _decided(
        state,
        lambda conn: moderate.decide_incident(
            conn, incident_id, said, actor=caller.key_id, context=state.context, now=now
        ),
        incident_id,
        seen=seen,
        now=now,
    )


@router.post("/{incident_id}/merge")
async def merge_incident(
    *,
    incident_id: str,
    body: MergeIn,
    caller: ModeratorDep,
    state: StateDep,
    now: NowDep,
    seen: Seen = None,
) -> DecisionOut:
    """Let the reports of this incident speak of the one named in `into`."""
    return await _decided(
        state,
        lambda conn: moderate.merge(
            conn, incident_id, body.into, actor=caller.key_id, context=state.context, now=now
        ),
        incident_id,
        seen=seen,
        now=now,
    )


@router.post("/{incident_id}/split")
async def split_incident(
    *,
    incident_id: str,
    body: SplitIn,
    caller: ModeratorDep,
    state: StateDep,
    now: NowDep,
    seen: Seen = None,
) -> DecisionOut:
    """Let some reports of this incident speak of a new one, which is answered."""
    return await _decided(
        state,
        lambda conn: moderate.split(
            conn, incident_id, body.report_ids, actor=caller.key_id, context=state.context, now=now
        ),
        incident_id,
        seen=seen,
        now=now,
    )


async def _decided(
    state: AppState,
    decide: Callable[[Connection], dict[str, Any]],
    incident_id: str,
    *,
    seen: int | None,
    now: datetime,
) -> DecisionOut:
    """Do it, wake who tells people, and name who was working on it."""

    def work(conn: Connection) -> dict[str, Any]:
        if seen is not None:
            turns.alone(conn)
            must_be_as_shown(conn, incident_id, seen)
        return {**decide(conn), "held_by": _held_by(conn, incident_id, now=now)}

    answer = await state.db.write(work)
    state.wake()
    return DecisionOut.model_validate(answer)


def _held_by(conn: Connection, incident_id: str, *, now: datetime) -> HeldBy | None:
    hold = incident_store.find_hold(conn, subject_of(incident_id), now=now)
    return HeldBy(name=hold.name, until=hold.until) if hold is not None else None


def _out(incident: Incident, *, full: bool, names: Names | None = None) -> IncidentOut:
    return IncidentOut(**incident_out(incident, full=full, names=names))


def _is_desk(caller: Caller) -> bool:
    return caller.scope in {Scope.ADMIN, Scope.MODERATOR}


_IN_BODY = {"pointer": "/kind"}
_IN_QUERY = {"parameter": "kind", "in": "query"}


def _kind(code: str, state: AppState, where: Mapping[str, str]) -> Kind:
    kinds = state.config.kinds
    if (found := kinds.find(code)) is None:
        near = kinds.suggest(code)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        detail = f"There is no kind {code[:60]!r}.{hint}"
        raise InvalidError(detail, errors=[{**where, "detail": detail}])
    return found


def _sections(route: str, state: AppState) -> frozenset[str]:
    corridor = state.roads.find_corridor(route)
    if corridor is None:
        (fault,) = unknown_words("route", [route], list(state.roads.corridors), at="")
        raise InvalidError(
            fault.detail, errors=[{"parameter": "route", "in": "query", "detail": fault.detail}]
        )
    return frozenset(corridor.section_ids)
