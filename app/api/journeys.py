"""Journeys: where to drive instead."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import ConfigDict, Field
from sqlalchemy import Connection

from app.accounts.keys import Scope
from app.api.routes import Cargo, check_cargo, check_past
from app.core.errors import InvalidError
from app.core.levels import Level
from app.flows.readers import plan_journey
from app.flows.readers.plan_journey import Question
from app.http.deps import NowDep, ReaderDep, StateDep
from app.http.model import ApiModel, Instant
from app.http.routing import api_router
from app.risk.journey_policy import MOST_ALTERNATIVES

router = api_router("/journeys", tag="roads")

#: Who set out this morning may still ask.
_SET_OUT = timedelta(days=1)

PlaceName = Annotated[str, Query(min_length=1, max_length=300)]


class StopNameOut(ApiModel):
    """A stop of the network."""

    place_id: str
    name: str


class EndOut(ApiModel):
    """One end: the place meant, and the stop it is joined to, `km_off` as the crow flies."""

    place_id: str
    name: str
    country: str
    stop: StopNameOut
    km_off: float


class ReasonOut(ApiModel):
    """What weighs most in a section's level; `incident` null: which convoy it was is the desk's."""

    incident: str | None
    kind: str
    text: str


class ClosureOut(ReasonOut):
    """What closes a section: at the latest `until`, sooner when it is answered."""

    until: datetime
    until_lifted: bool
    heard_at: datetime


class JourneySectionOut(ApiModel):
    """A section in the direction of travel, as it stands for the cargo.

    `share`: how much of it is driven. `evidence_at`: when it was last heard of; None: never, or
    last of a convoy or of soldiers, of whom the hour is the desk's.
    """

    id: str
    start: str
    end: str
    part: int | None
    km: float
    share: float
    hours: float
    road: str | None
    routes: list[str]
    schematic: bool
    level: Level
    score: float
    evidence_at: datetime | None
    evidence_age_hours: float | None
    reasons: list[ReasonOut]
    closed_by: list[ClosureOut]


class WorstOut(ApiModel):
    """The section to worry about most."""

    id: str
    start: str
    end: str
    level: Level
    score: float


class BorderOut(ApiModel):
    """A border on the way, in the direction of travel."""

    towns: list[str]
    countries: list[str]
    closed: bool


class JourneyOut(ApiModel):
    """One way.

    `score`: 100 x the chance of a serious incident on some section of it in the next 7 days, by the
    statistics alone: what nobody knows adds nothing. `danger`: the expected incidents it is ranked
    by, in which every level counts for at least what the policy says, `unknown` too.
    """

    rank: int
    open: bool
    level: Level
    score: float
    danger: float
    km: float
    unknown_km: float
    hours: float
    border_hours: float
    arrive_at: datetime
    via: list[str]
    countries: list[str]
    borders: list[BorderOut]
    last_news_at: datetime | None
    oldest_news_at: datetime | None
    worst: WorstOut
    sections: list[JourneySectionOut]


class JourneysOut(ApiModel):
    """The ways that can be driven, the one to take first; none: `answer` is "none", wait.

    `closed` lists closed ways, with what closes them, only where no way is open.
    """

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    start: EndOut = Field(alias="from")
    end: EndOut = Field(alias="to")
    cargo: str
    at: datetime
    depart_at: datetime
    answer: Literal["open", "none"]
    advice: str
    last_news_at: datetime | None
    journeys: list[JourneyOut]
    closed: list[JourneyOut]


@router.get("")
async def find_journeys(
    *,
    caller: ReaderDep,
    state: StateDep,
    now: NowDep,
    start: Annotated[PlaceName, Query(alias="from", description="A town by name, or a place id.")],
    end: Annotated[PlaceName, Query(alias="to", description="Another, likewise.")],
    cargo: Cargo,
    depart: Annotated[Instant | None, Query(description="When to set out; now without it.")] = None,
    at: Annotated[
        Instant | None,
        Query(description="As it was known here then; later news change nothing of it."),
    ] = None,
    limit: Annotated[int | None, Query(ge=1, le=MOST_ALTERNATIVES)] = None,
    language: Annotated[str | None, Query(pattern="^(fr|en)$")] = None,
    lang: Annotated[str | None, Query(pattern="^(fr|en)$", description="As `language`.")] = None,
) -> JourneysOut:
    """Return the ways between two places for a cargo: the least dangerous first, then the shortest.

    Ranked by the worst section, then by the danger of the whole way, then by kilometres; `unknown`
    is not safe and stands between `moderate` and `high`. Where every way is closed the answer is
    "none", with what closes them: no error.
    """
    check_cargo(cargo, state)
    check_past(at, now)
    context = state.context
    ends = [
        plan_journey.find_end(start, "from", context),
        plan_journey.find_end(end, "to", context),
    ]
    plan_journey.check_ends(*ends)
    then = min(at, now) if at is not None else now
    question = Question(
        start=ends[0],
        end=ends[1],
        cargo=cargo,
        at=then if at is not None else None,
        depart_at=_departure(depart, then, context.config.journeys.depart_within),
        limit=limit,
        language=language or lang or "fr",
        full=caller.scope in {Scope.ADMIN, Scope.MODERATOR},
    )

    def work(conn: Connection) -> dict[str, Any]:
        return plan_journey.plan(conn, question, context=context, now=now)

    return JourneysOut.model_validate(await state.db.read(work))


def _departure(depart: datetime | None, then: datetime, within: timedelta) -> datetime:
    """Return when to set out: about now, as ratings look only so far ahead."""
    if depart is None:
        return then
    if not then - _SET_OUT <= depart <= then + within:
        detail = f"must lie within {within.days} days from now: ratings look no farther ahead"
        raise InvalidError(
            f"`depart` {detail}.",
            errors=[{"parameter": "depart", "in": "query", "detail": detail}],
        )
    return depart
