"""/v1/costs: what SMS cost, by month; /v1/organisations/{id}/budget: what they may cost."""

from typing import Annotated

from fastapi import Query, Response
from pydantic import Field
from sqlalchemy import Connection

from app.api.contacts import own_organisation
from app.core.errors import InvalidError
from app.delivery.budget import Budget, Degree, Month, Short, month_named
from app.delivery.outbox import budgets
from app.delivery.outbox.spending import Spent
from app.flows.money import own_budget
from app.flows.money.own_budget import MonthsMoney, months_money
from app.http.deps import AdminDep, NowDep, StateDep, SubscriberDep
from app.http.model import ApiModel, NotTruth
from app.http.routing import api_router
from app.http.state import AppState
from app.subscribers.countries import MICROS, in_currency
from app.subscribers.store.organisations import get_organisation

router = api_router("", tag="costs")

_MOST = 10_000_000


class BudgetFields(ApiModel):
    """What an organisation may spend on SMS in a month, in the currency of config/countries.toml.

    What is less than `severe` takes no more than `monthly`: as it nears it, it is told in one
    message a day, then by e-mail. A danger that is `severe`, and the all-clear, withdrawal or
    correction of what somebody was told, may take `reserve` on top; they are sent even when that
    is used up, and everybody concerned is told.
    """

    monthly: Annotated[float, Field(ge=0, le=_MOST), NotTruth]
    reserve: Annotated[float, Field(ge=0, le=_MOST, default=0), NotTruth]


class BudgetOut(ApiModel):
    """The budget, and how far it goes: null where there is none."""

    currency: str
    monthly: float | None
    reserve: float | None


class CostsByOut(ApiModel):
    """Messages that a provider took, their segments, and what they cost."""

    messages: int
    segments: int
    cost: float


class CountryCostsOut(CostsByOut):
    """Of one country's numbers, or of one of its operators with prices of its own."""

    country: str
    tariff: Annotated[
        str,
        Field(description="Of SMS the country or operator; `voice:ML`, `whatsapp:ML` of those."),
    ]


class LevelCostsOut(CostsByOut):
    """Of what was said of one level of danger; an end is of the level that holds after it.

    What is no alert: `sign_in` (codes), `invitation`, `notice` (that money runs short), `reply` (to
    what people wrote).
    """

    level: str


class CostsOut(ApiModel):
    """What messages cost in a month, whatever they said; e-mails cost nothing.

    Counted when a provider has taken a message, by its own count of segments where it gives one,
    at the price of that time. `reserved`: set aside for messages on their way. `forecast`: what
    the month will have cost at its end, at the pace until now.
    """

    month: str
    organisation_id: str | None
    currency: str
    messages: int
    segments: int
    cost: float
    reserved: float
    forecast: float
    budget: BudgetOut
    telling: Annotated[
        str, Field(description="How what is not urgent is told: at_once, digest or email.")
    ]
    why: Short
    countries: list[CountryCostsOut]
    levels: list[LevelCostsOut]
    estimated: Annotated[
        list[str], Field(description="Tariffs whose price in config is an estimate.")
    ]


@router.get("/costs")
async def get_costs(
    caller: SubscriberDep,
    state: StateDep,
    now: NowDep,
    organisation_id: str | None = None,
    month: Annotated[
        str | None, Query(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="2025-09; now's if none.")
    ] = None,
) -> CostsOut:
    """Tell what SMS cost: an organisation's, or all for an admin."""
    if caller.organisation_id is not None or organisation_id is not None:
        organisation_id = own_organisation(caller, organisation_id)
    asked = _asked(month, state) if month else None

    def work(conn: Connection) -> MonthsMoney:
        return months_money(conn, organisation_id, context=state.context, now=now, month=asked)

    return _shown(organisation_id, await state.db.read(work), state)


@router.get("/organisations/{organisation_id}/budget")
async def get_budget(organisation_id: str, caller: SubscriberDep, state: StateDep) -> BudgetOut:
    """Tell what an organisation may spend on SMS in a month; null: as much as it takes."""
    caller.must_see(organisation_id, what="organisation")

    def work(conn: Connection) -> Budget | None:
        get_organisation(conn, organisation_id, vault=state.vault)
        return budgets.find_budget(conn, organisation_id)

    return _budget(await state.db.read(work), state)


@router.put("/organisations/{organisation_id}/budget")
async def set_budget(
    organisation_id: str, body: BudgetFields, caller: AdminDep, state: StateDep, now: NowDep
) -> BudgetOut:
    """Set what an organisation may spend on SMS in a month, the one that is now included."""
    budget = Budget(monthly=round(body.monthly * MICROS), reserve=round(body.reserve * MICROS))

    await state.db.write(
        lambda conn: own_budget.set_budget(
            conn, organisation_id, budget, actor=caller.key_id, context=state.context, now=now
        )
    )
    return _budget(budget, state)


@router.delete("/organisations/{organisation_id}/budget", status_code=204)
async def lift_budget(
    organisation_id: str, caller: AdminDep, state: StateDep, now: NowDep
) -> Response:
    """Let an organisation spend as much as it takes."""
    await state.db.write(
        lambda conn: own_budget.set_budget(
            conn, organisation_id, None, actor=caller.key_id, context=state.context, now=now
        )
    )
    return Response(status_code=204)


def _asked(month: str, state: AppState) -> Month:
    try:
        return month_named(month, state.config.alerts.zone)
    except (ValueError, OverflowError):
        detail = "Give a month such as 2025-09."
        fault = {"parameter": "month", "in": "query", "detail": detail}
        raise InvalidError(detail, errors=[fault]) from None


def _shown(organisation_id: str | None, found: MonthsMoney, state: AppState) -> CostsOut:
    config, spent = state.config, found.spent
    tariffs = {one.tariff: config.countries.tariff(one.tariff) for one in spent}
    return CostsOut(
        month=found.month.name,
        organisation_id=organisation_id,
        currency=config.countries.currency,
        **_sums(spent).model_dump(),
        reserved=in_currency(found.reserved),
        forecast=in_currency(found.verdict.forecast),
        budget=_budget(found.budget, state),
        telling=_TELLING[found.verdict.degree],
        why=found.verdict.why,
        countries=[
            CountryCostsOut(
                country=code.rpartition(":")[2].partition("/")[0],
                tariff=code,
                **_sums([one for one in spent if one.tariff == code]).model_dump(),
            )
            for code in sorted(tariffs)
        ],
        levels=[
            LevelCostsOut(
                level=level, **_sums([one for one in spent if one.level == level]).model_dump()
            )
            for level in sorted({one.level for one in spent})
        ],
        estimated=sorted(code for code, tariff in tariffs.items() if tariff.estimate),
    )


_TELLING = {Degree.AT_ONCE: "at_once", Degree.DIGEST: "digest", Degree.EMAIL: "email"}


def _sums(spent: list[Spent]) -> CostsByOut:
    return CostsByOut(
        messages=sum(one.messages for one in spent),
        segments=sum(one.segments for one in spent),
        cost=in_currency(sum(one.cost for one in spent)),
    )


def _budget(budget: Budget | None, state: AppState) -> BudgetOut:
    return BudgetOut(
        currency=state.config.countries.currency,
        monthly=in_currency(budget.monthly) if budget else None,
        reserve=in_currency(budget.reserve) if budget else None,
    )
