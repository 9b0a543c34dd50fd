"""Whether the end of a danger may be told: what was told of, what closes the road, since when."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.alerts.alert import AlertState, Stretch
from app.alerts.calm import Calm
from app.config import Config
from app.core.levels import Level
from app.flows.alerting.towns import is_over_on, reached_on, sections_between
from app.flows.rating.standing import Standing
from app.incidents import store as incident_store
from app.incidents.incident import Incident, Status
from app.incidents.report import Family
from app.incidents.verdicts import EVIDENCE, by_evidence
from app.risk import store as risk_store
from app.risk.lifted import closes_still
from app.risk.rating import RouteState
from app.risk.weighing import Weighed

#: A closure this near to a section closes it, km: beyond it the road is another.
_NEAR_KM = 15.0


def calm_of(
    conn: Connection,
    state: RouteState,
    told: AlertState,
    *,
    standing: Standing,
    config: Config,
    answered: bool = False,
    now: datetime,
) -> Calm:
    """Return how a route stands of which a danger was told and which is dangerous no more.

    `answered`: evidence has just answered it. Where nothing did, now or when the road fell below
    what is told, no more is looked up. There is no quiet to wait for after what a person says is
    over, nor after what people were told is over; after the other dangers there is.
    """
    fell = risk_store.find_fall(
        conn, f"route:{state.route}", state.cargo, from_level=config.alerts.tell_from, at=now
    )
    awaited = fell is not None and fell.at >= told.created_at and bool(fell.reasons.get("answered"))
    if not (awaited or answered):
        return Calm(heard_at=None)
    dangers = _dangers(conn, told)
    said = {one.incident_id for one in told.ended}
    open_ends = [one for one in dangers if one.id not in said]
    return Calm(
        heard_at=max(
            (_heard_at(conn, one, state.cargo) for one in open_ends if not ended_by_person([one])),
            default=None,
        ),
        closed=_is_closed(state.route, state.cargo, standing, config=config, now=now),
        awaited=awaited,
        evidence=_evidence(dangers, state.cargo) if awaited else None,
        over=tuple(
            one for one in open_ends if is_over_on(state.route, state.cargo, one, config.network)
        ),
    )


def over_quietly(
    conn: Connection,
    cargo: str,
    told: AlertState,
    *,
    where: Callable[[Incident], Stretch | None],
    config: Config,
    now: datetime,
) -> tuple[Incident, ...]:
    """Return what was told, is over and quiet, and of whose end nobody heard: the road has others.

    What a person says is over is told when he does. What evidence ended waits for its quiet, and
    while something else keeps the road dangerous no all-clear comes that would name it. Only of
    what was told as so great a danger as people go by now: of less nobody waits for the end. And of
    no stretch where something else that was told goes on: who reads of the end would take it for
    the end of both.

    Args:
        conn: Open.
        cargo: Of the statement.
        told: The statement that runs out.
        where: Returns on which stretch of the route a danger is, or was.
        config: Of the service.
        now: When.
    """
    quiet = config.alerts.quiet.get(told.worst, timedelta(0))
    said = {one.incident_id for one in told.ended}
    dangers = _dangers(conn, told)
    held = {where(one) for one in dangers if one.status is not Status.RESOLVED}
    return tuple(
        one
        for one in dangers
        if one.status is Status.RESOLVED  # for some cargoes alone: said when it is, and not kept
        and one.id not in said
        and one.id in told.mentions
        and told.mentions[one.id].level.rank >= told.level.rank
        and not ended_by_person([one])
        and now >= _heard_at(conn, one, cargo) + quiet
        and where(one) not in held
    )


def going_on_at(
    ended: Incident,
    stretch: Stretch | None,
    speaks: Incident | None,
    *,
    route: str,
    cargo: str,
    standing: Standing,
    config: Config,
    now: datetime,
) -> Incident | None:
    """Return what makes a stretch dangerous for a cargo beside what ended there, told or not.

    What came within hours of the danger that ended was left unsaid beside that, and what closes a
    region or a longer piece of the road was told of no such stretch: who reads that it is over
    there would drive into it. What the same message speaks of he does not, unless it is alike. For
    what is below `high` nobody stays at home.

    Args:
        ended: What is over.
        stretch: Where; None: on no stretch, and who reads of it looks for none.
        speaks: What the message that says so is about.
        route: Of the statement, as `cargo`.
        cargo: For which.
        standing: What is known of the roads.
        config: Of the service.
        now: When.
    """
    if stretch is None:
        return None
    ids = {ended.id}
    if speaks is not None and speaks.kind != ended.kind:
        ids.add(speaks.id)
    between = sections_between(route, stretch, config.network)
    found = (
        floor.exposed.incident
        for evidence in standing.evidence(between)
        for floor in evidence.floors_at(now, evidence.book.cargoes.index(cargo))
        if floor.ranks[evidence.book.cargoes.index(cargo)] >= Level.HIGH.rank
    )
    return next(
        (
            one
            for one in found
            if one.id not in ids and not reached_on(route, one, config.network).isdisjoint(between)
        ),
        None,
    )


def _dangers(conn: Connection, told: AlertState) -> list[Incident]:
    known = incident_store.list_incidents_of(conn, told.incident_ids)
    good, gone = Family.POSITIVE, (Status.REFUTED, Status.MERGED)
    return [one for one in known if one.family is not good and one.status not in gone]


def ended_by_person(incidents: Iterable[Incident]) -> bool:
    """Return whether a person decided that one of these is over."""
    return any(one.resolved_by is not None and not by_evidence(one) for one in incidents)


def _heard_at(conn: Connection, danger: Incident, cargo: str) -> datetime:
    """Return when it last was dangerous: a closure for as long as it is said to go on.

    Where it is over for the cargo and goes on for others, what is said of the others alone is no
    word of it; what names no cargo is, for it may be of any.
    """
    if danger.family is not Family.CLOSURE:
        return danger.occurred_at
    if cargo not in danger.over_for:
        return max(danger.occurred_at, danger.last_reported_at)
    said = incident_store.list_reports_of(conn, danger.id)
    heard = [one.reported_at for one in said if not one.cargo or cargo in one.cargo]
    return max([danger.occurred_at, *heard])


def _evidence(dangers: Iterable[Incident], cargo: str) -> str | None:
    """Return the good news that ended the last of the dangers, for all or for the cargo."""
    known = tuple(dangers)
    ended = [
        (one.resolved_at, one.resolved_by.removeprefix(EVIDENCE))
        for one in known
        if one.resolved_at is not None and one.resolved_by is not None and by_evidence(one)
    ]
    if ended:
        return max(ended)[1]
    lifts = (lift.by for one in known for lift in reversed(one.lifted_for) if cargo in lift.cargo)
    return next(lifts, None)


def _is_closed(
    route: str, cargo: str, standing: Standing, *, config: Config, now: datetime
) -> bool:
    """Return whether anything closes the road that nobody has answered, whatever the rules say.

    What is believed too little to hold a level, and what no rule holds any more, is no reason to
    call a road open either, as long as somebody has spoken of it lately.
    """
    sections = config.network.corridors[route].section_ids
    return any(
        _closes(item, cargo, config, now)
        for evidence in standing.evidence(sections)
        for item in evidence.items
        if item.exposed.live and closes_still(item.exposed.incident, evidence.section, cargo)
    )


def _closes(item: Weighed, cargo: str, config: Config, now: datetime) -> bool:
    incident = item.exposed.incident
    if incident.kind not in config.journeys.closed.kinds:
        return False
    if incident.credibility < config.risk.min_credibility:
        return False
    if cargo not in (incident.cargo or (cargo,)) and _is_for_whom_it_names(incident, config):
        return False
    near = item.exposed.distance_km <= max(_NEAR_KM, incident.location.radius_km)
    return near and now - incident.last_reported_at <= config.risk.stale_after


def _is_for_whom_it_names(incident: Incident, config: Config) -> bool:
    """Return whether the cargo named with a closure tells whom it stops, and not who was there.

    A ban or a border may be for tankers alone. Where armed men stopped a coach or water took a
    lorry, the next who comes is stopped whatever he carries.
    """
    kind = incident.kind
    return config.kinds.is_of_whole_roads(kind) or kind in config.journeys.closed.at_borders
