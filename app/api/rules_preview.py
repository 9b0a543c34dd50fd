"""What a change of the rules would have done: shown before it is saved."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import Connection

from app.api.preview_bodies import (
    AlertsInPreview,
    BillOut,
    ChangedOut,
    HoursOut,
    IncidentInPreview,
    MessagesOut,
    MissOut,
    MovedAlertOut,
    MovedTurnOut,
    OrganisationInPreview,
    PreviewOut,
    QualityOut,
    QualitySideOut,
    RaisedOut,
    RatingsOut,
    TurnOut,
)
from app.api.rule_bodies import ChangedRulesIn, ProblemOut, change_of
from app.core.errors import InvalidError
from app.core.levels import Level
from app.flows.preview.bill_run import Bill
from app.flows.preview.compare_runs import Turn, alert_differences, turn_differences
from app.flows.preview.judge_run import Quality
from app.flows.preview.preview_rules import Preview, Tables
from app.flows.preview.rerun import Raised
from app.http.deps import AdminDep, NowDep, StateDep
from app.http.model import Instant, NotTruth
from app.http.publishing import pointed, tried
from app.http.routing import api_router
from app.http.state import AppState
from app.risk.checking import InvalidRulesError, problem_table
from app.subscribers.countries import MICROS
from app.subscribers.store.organisations import list_organisations

router: APIRouter = api_router("/rules", tag="rules")

_ORGANISATIONS = 100_000
_DAYS = 30
_CURRENCY_DIGITS = 2


class PreviewIn(ChangedRulesIn):
    """The changed rules, and the window to try them on.

    Nothing is saved and nobody is told. Without `rules` and `changes` it shows what the rules in
    force make of the window.
    """

    days: Annotated[int, Field(ge=1, le=366), NotTruth] = _DAYS
    until: Annotated[
        Instant | None, Field(description="The end of the window; now where it is missing.")
    ] = None


@router.post("/preview")
async def preview_rules(
    body: PreviewIn, _caller: AdminDep, state: StateDep, now: NowDep
) -> PreviewOut:
    """Show what changed rules would have done over the last days, beside those in force.

    Both sets are played over the same evidence, in the order in which it was learnt, by the code
    that rates and tells today, with the subscribers of today: not what was sent, but what each set
    would have sent. Publish the change (`POST /v1/rulesets` with the same body), and the same
    window played again gives exactly `alerts.after`. Runs apart: nothing of it waits in the way of
    reports. 429 with `Retry-After` while another preview runs.
    """
    policy = state.config.changing
    if body.days > policy.most_days:
        detail = f"At most {policy.most_days} days (config/policy/rules.toml)."
        raise InvalidError(detail, errors=[{"pointer": "/days", "detail": detail}])
    until = min(body.until, now) if body.until is not None else now
    change, places = change_of(body)
    try:
        seen = await tried(
            state, change, since=until - timedelta(days=body.days), until=until, now=now
        )
    except InvalidRulesError as error:
        raise pointed(error, places) from error
    base, drafted, found = seen.base, seen.drafted, seen.found
    names = await state.db.read(lambda conn: _names(conn, state))
    return PreviewOut(
        since=found.since,
        until=found.until,
        base=drafted.base or 0,
        rules=_changed(base, [rule.as_table() for rule in drafted.rules]),
        warnings=[ProblemOut.model_validate(problem_table(one)) for one in drafted.warnings],
        ratings=_ratings(found),
        alerts=_alerts(found),
        quality=_quality(found),
        messages=_messages(found, names, state),
        incidents={
            key: IncidentInPreview.model_validate(one)
            for key, one in {**found.before.incidents, **found.after.incidents}.items()
        },
    )


def _names(conn: Connection, state: AppState) -> Mapping[str, str]:
    known = list_organisations(conn, vault=state.vault, after=None, limit=_ORGANISATIONS)
    return {one.id: one.name for one in known}


def _changed(before: Tables, after: Tables) -> ChangedOut:
    ours = {str(one["id"]): _plain(one) for one in before}
    theirs = {str(one["id"]): _plain(one) for one in after}
    return ChangedOut(
        added=[one for one in theirs if one not in ours],
        changed=[one for one in theirs if one in ours and ours[one] != theirs[one]],
        removed=[one for one in ours if one not in theirs],
    )


def _plain(table: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in table.items() if value not in (None, [], ())}


def _ratings(found: Preview) -> RatingsOut:
    difference = turn_differences(found.before.turns, found.after.turns)
    subjects = sorted({*found.before.hours, *found.after.hours})
    return RatingsOut(
        added=[_turn(one) for one in difference.added],
        removed=[_turn(one) for one in difference.removed],
        moved=[
            MovedTurnOut(before=_turn(one), after=_turn(other), hours=_hours(one.at, other.at))
            for one, other in difference.moved
        ],
        same=difference.same,
        hours=[
            HoursOut(
                route=route,
                cargo=cargo,
                before=_spent(found.before.hours.get((route, cargo), {})),
                after=_spent(found.after.hours.get((route, cargo), {})),
            )
            for route, cargo in subjects
            if found.before.hours.get((route, cargo)) != found.after.hours.get((route, cargo))
        ],
    )


def _alerts(found: Preview) -> AlertsInPreview:
    difference = alert_differences(found.before.alerts, found.after.alerts)
    return AlertsInPreview(
        added=[_raised(one) for one in difference.added],
        removed=[_raised(one) for one in difference.removed],
        moved=[
            MovedAlertOut(before=_raised(one), after=_raised(other), hours=_hours(one.at, other.at))
            for one, other in difference.moved
        ],
        same=difference.same,
        before=[_raised(one) for one in found.before.alerts],
        after=[_raised(one) for one in found.after.alerts],
    )


def _quality(found: Preview) -> QualityOut:
    return QualityOut(before=_side(found.before.quality), after=_side(found.after.quality))


def _side(quality: Quality) -> QualitySideOut:
    return QualitySideOut(
        incidents=quality.incidents,
        missed=quality.missed,
        misses=[
            MissOut(
                at=one.at,
                incident=one.incident,
                route=one.route,
                cargo=one.cargo,
                level=one.level,
            )
            for one in quality.misses
        ],
        alarms=quality.alarms,
        false_alarms=len(quality.false_alarms),
        false=[_raised(one) for one in quality.false_alarms],
        undecided=quality.undecided,
    )


def _messages(found: Preview, names: Mapping[str, str], state: AppState) -> MessagesOut:
    ids = sorted({*found.before.bills, *found.after.bills})
    return MessagesOut(
        currency=state.config.countries.currency,
        before=_bill(found.before.bills.values()),
        after=_bill(found.after.bills.values()),
        organisations=[
            OrganisationInPreview(
                organisation_id=one,
                name=names.get(one),
                before=_bill([found.before.bills.get(one, Bill())]),
                after=_bill([found.after.bills.get(one, Bill())]),
            )
            for one in ids
        ],
    )


def _bill(bills: Collection[Bill]) -> BillOut:
    return BillOut(
        sms=sum(one.messages["sms"] for one in bills),
        email=sum(one.messages["email"] for one in bills),
        segments=sum(one.segments for one in bills),
        cost=round(sum(one.cost for one in bills) / MICROS, _CURRENCY_DIGITS),
    )


def _raised(one: Raised) -> RaisedOut:
    return RaisedOut(
        at=one.at,
        route=one.route,
        cargo=one.cargo,
        type=one.type,
        before=one.before,
        level=one.level,
        certainty=one.certainty,
        reason=one.reason.value,
        held=one.held,
        incidents=list(one.incidents),
    )


def _turn(one: Turn) -> TurnOut:
    return TurnOut(
        at=one.at,
        route=one.route,
        cargo=one.cargo,
        before=one.before,
        level=one.level,
        incidents=list(one.incidents),
    )


def _hours(before: datetime, after: datetime) -> float:
    return round((after - before).total_seconds() / 3600, 2)


def _spent(hours: Mapping[Level, float]) -> dict[Level, float]:
    return {level: round(spent, 1) for level, spent in hours.items()}
