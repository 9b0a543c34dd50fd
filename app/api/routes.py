"""Routes: what the roads are, and how dangerous they are for which cargo."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, Header, Query
from pydantic import Field
from sqlalchemy import Connection

from app.accounts.keys import Scope
from app.api.bodies import check_span
from app.core.errors import InvalidError, NotFoundError
from app.core.levels import Level
from app.flows.readers import show_ratings
from app.flows.readers.show_ratings import RouteShown
from app.flows.wire import coarse_evidence
from app.http.deps import AnyoneDep, NowDep, ReaderDep, StateDep
from app.http.languages import preferred
from app.http.model import ApiModel, Instant
from app.http.pagination import Page, Window, cursor_error, window
from app.http.routing import api_router
from app.http.state import AppState
from app.risk import store as risk_store
from app.roads.network import Corridor
from app.subscribers.targets import unknown_words

#: Reasons are worded in these; the first one for everybody else.
_LANGUAGES = ("fr", "en")

router = api_router("/routes", tag="roads")

#: A clock a little ahead of ours is no question about the future.
_AHEAD = timedelta(minutes=5)


class RouteNotFoundError(NotFoundError):
    """There is no route of this code; GET /v1/routes lists them."""

    code = "route-not-found"
    title = "No such route"


class LevelOut(ApiModel):
    """A route's level for one cargo, and since when."""

    cargo: str
    level: Level
    score: float
    since: datetime | None
    rated_at: datetime | None
    worst_section: str | None


class RouteOut(ApiModel):
    """A route and its levels now."""

    code: str
    title: str
    road_refs: str
    length_km: float
    levels: list[LevelOut]


class RoutesOut(ApiModel):
    """Every route, the most dangerous first."""

    items: list[RouteOut]
    next: None = None


class StopOut(ApiModel):
    """A place on a route, `km` along the road."""

    place_id: str
    name: str
    km: float
    main: bool


class SectionOut(ApiModel):
    """A stretch of road between two towns, and its levels now by cargo."""

    id: str
    start: str
    end: str
    from_km: float
    to_km: float
    road: str | None
    levels: dict[str, Level]


class RouteDetailOut(RouteOut):
    """A route with its stops and sections."""

    stops: list[StopOut]
    sections: list[SectionOut]


class FactorOut(ApiModel):
    """A part of the score; `incident` null: further incidents together, or the road itself."""

    incident: str | None
    points: float
    hazard: Annotated[
        float | None,
        Field(description="null to others than the desk where it would tell where a convoy is."),
    ]
    words: str


class SideOut(ApiModel):
    """One of two that contradict one another, and how far it is believed.

    Of a convoy or an operation others than the desk are told neither, nor by how many sources.
    """

    incident: str | None
    kind: str
    says: str
    age_hours: float
    credibility: float | None
    sources: int | None
    certainty: str


class ContradictionOut(ApiModel):
    """One says that the section is open, the other that it is closed."""

    section: str
    open: SideOut
    closed: SideOut
    words: str


class RatingOut(ApiModel):
    """A rating that explains itself.

    The points of `factors` add up to `score`; in a section the contributions, `others` and `prior`
    add up to `hazard`. Others than the desk are not told what an operation adds to it, nor the sum;
    and the others rounded, with the distance.
    """

    route: str
    cargo: str
    at: datetime
    level: Level
    score: float
    since: datetime | None
    section: str | None
    rule_set: int
    reasons: list[str]
    factors: list[FactorOut]
    contradictions: list[ContradictionOut]
    sections: list[dict[str, Any]]


class LevelChangeOut(ApiModel):
    """One change of a route's level."""

    at: datetime
    cargo: str
    before: Level
    after: Level
    score: float
    section: str | None
    rule_set: int


Cargo = Annotated[str, Query(max_length=20, examples=["fuel"])]


@router.get("")
async def list_routes(_caller: AnyoneDep, state: StateDep) -> RoutesOut:
    """List the routes with their levels for every cargo, the most dangerous first."""
    shown = await state.db.read(lambda conn: show_ratings.all_routes(conn, state.context))
    return RoutesOut(items=[_route_out(one) for one in shown])


@router.get("/{code}")
async def get_route(code: str, _caller: AnyoneDep, state: StateDep) -> RouteDetailOut:
    """Return a route with its stops, sections and levels."""
    corridor = _corridor(code, state)
    shown, levels = await state.db.read(
        lambda conn: show_ratings.one_route(conn, corridor, state.context)
    )
    network = state.roads
    return RouteDetailOut(
        **_route_out(shown).model_dump(),
        stops=[
            StopOut(place_id=stop.place_id, name=stop.name, km=stop.km, main=stop.main)
            for stop in corridor.stops
        ],
        sections=[
            SectionOut(
                id=section_id,
                start=network.sections[section_id].start_name,
                end=network.sections[section_id].end_name,
                from_km=span[0],
                to_km=span[1],
                road=network.sections[section_id].road,
                levels=levels[section_id],
            )
            for section_id, span in zip(corridor.section_ids, corridor.section_km, strict=True)
        ],
    )


@router.get("/{code}/rating")
async def get_rating(
    *,
    code: str,
    caller: ReaderDep,
    state: StateDep,
    now: NowDep,
    cargo: Cargo,
    at: Annotated[
        Instant | None,
        Query(
            description="As it was known here then; later news change nothing of it. History that"
            " was filled in afterwards is known from then on: `sira replay --database` plays it."
        ),
    ] = None,
    lang: Annotated[
        str | None,
        Query(pattern="^(fr|en)$", description="Of the words; else as Accept-Language asks."),
    ] = None,
    language: Annotated[str | None, Query(pattern="^(fr|en)$", description="As `lang`.")] = None,
    accept_language: Annotated[str | None, Header()] = None,
) -> RatingOut:
    """Return how dangerous a route is for a cargo, section by section, and why."""
    corridor = _corridor(code, state)
    check_cargo(cargo, state)
    check_past(at, now)
    coarse = caller.scope not in {Scope.ADMIN, Scope.MODERATOR}

    def work(conn: Connection) -> dict[str, Any]:
        return show_ratings.rating(
            conn,
            corridor,
            cargo,
            at=min(at, now) if at is not None else None,
            language=lang or language or preferred(accept_language, _LANGUAGES),
            context=state.context,
            now=now,
            coarse=coarse,
        )

    shown = await state.db.read(work)
    if coarse:
        kinds = state.config.kinds
        shown["sections"] = [coarse_evidence(one, kinds) for one in shown["sections"]]
    return RatingOut.model_validate(shown)


@router.get("/{code}/ratings")
async def list_ratings(
    *,
    code: str,
    _caller: ReaderDep,
    state: StateDep,
    page: Annotated[Window, Depends(window("ratings"))],
    cargo: Cargo,
    since: Annotated[Instant | None, Query(alias="from")] = None,
    until: Annotated[Instant | None, Query(alias="to")] = None,
) -> Page[LevelChangeOut]:
    """List the changes of a route's level for a cargo, the oldest first."""
    corridor = _corridor(code, state)
    check_cargo(cargo, state)
    check_span(since, until, ("from", "to"))
    after = _decode(page.after)
    rows = await state.db.read(
        lambda conn: risk_store.list_level_changes(
            conn,
            f"route:{corridor.code}",
            cargo,
            since=since,
            until=until,
            after=after,
            limit=page.fetch,
        )
    )
    kept, following = page.page(rows, lambda row: f"{_micros(row.at)}:{row.id}")
    return Page(
        items=[
            LevelChangeOut(
                at=row.at,
                cargo=row.cargo,
                before=row.before,
                after=row.after,
                score=row.score,
                section=row.reasons.get("section"),
                rule_set=row.rule_set,
            )
            for row in kept
        ],
        next=following,
    )


def _corridor(code: str, state: AppState) -> Corridor:
    corridor = state.roads.find_corridor(code)
    if corridor is None:
        (fault,) = unknown_words("route", [code], list(state.roads.corridors), at="")
        raise RouteNotFoundError(fault.detail)
    return corridor


def check_past(at: datetime | None, now: datetime) -> None:
    """Refuse a question about what will be known.

    Raises:
        InvalidError: `at` lies in the future.
    """
    if at is not None and at > now + _AHEAD:
        raise InvalidError(
            "There is no rating of the future; leave `at` out for now.",
            errors=[{"parameter": "at", "in": "query", "detail": "lies in the future"}],
        )


def check_cargo(cargo: str, state: AppState) -> None:
    """Refuse a cargo that is not one of config/cargoes.toml.

    Raises:
        InvalidError: It is none; with those that may be meant.
    """
    for fault in unknown_words("cargo", [cargo], state.config.cargoes.codes, at=""):
        raise InvalidError(
            fault.detail, errors=[{"parameter": "cargo", "in": "query", "detail": fault.detail}]
        )


def _route_out(shown: RouteShown) -> RouteOut:
    corridor = shown.corridor
    return RouteOut(
        code=corridor.code,
        title=corridor.title,
        road_refs=corridor.road_refs,
        length_km=corridor.length_km,
        levels=[
            LevelOut(
                cargo=cargo,
                level=one.level,
                score=one.score,
                since=one.since,
                rated_at=one.rated_at,
                worst_section=one.worst_section,
            )
            for cargo, one in shown.states.items()
        ],
    )


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


def _decode(after: str | None) -> tuple[datetime, str] | None:
    if after is None:
        return None
    micros, _, last = after.partition(":")
    if not micros.isdigit() or len(micros) > _MICROS_DIGITS:
        raise cursor_error("ratings")
    return _EPOCH + timedelta(microseconds=int(micros)), last


#: Until the year 2286.
_MICROS_DIGITS = 16
