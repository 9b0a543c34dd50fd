"""Whether a report speaks of an incident already known: a small sum that a person can check."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import lru_cache
from math import ceil, exp, log
from operator import attrgetter, mul
from zlib import crc32

from app.incidents.called import affinities, fit_of_kinds, is_of_another_issuer
from app.incidents.correcting import corrects
from app.incidents.credibility import is_of
from app.incidents.escorts import passed_alone
from app.incidents.incident import Incident, Status
from app.incidents.kinds import STRANGE, Kinds
from app.incidents.nearness import LONG_KM, areas_of, holds, is_on, nearness, place_key
from app.incidents.opened import opens_to_others
from app.incidents.own_day import (
    is_of_a_later_day,
    is_of_another_kind_and_day,
    names_another_day,
    names_another_hour,
)
from app.incidents.policy import MatchPolicy, Weights
from app.incidents.report import Family, Range, Report
from app.incidents.told_day import of_its_day
from app.incidents.words import STEM, folded_words, stems
from app.roads.geometry import Position
from app.roads.places import Location, Shape

#: Cells of half a degree: a report and its incident are never further apart than one cell.
_PER_DEGREE = 2
_ROW = 360 * _PER_DEGREE
#: A degree is longer than this on every road that we know, km.
_DEGREE_KM = 90.0
#: Where all of a road is kept, which has no one cell.
_ROADS = "roads"
#: Slips of a day are common, of four are not: the square of days apart tells.
_APART_DAYS = 2.5
#: Beyond so many times that, nothing else can make up for it.
_MOST_APART = 4.0
_COMMON = 0.25
#: A summary of few words must not match wholly by one of them.
_LEAST_WORDS = 3.0
_SAME_DAY = 0.6
#: What was told so long before something happened is not that. A day may be a slip, or the zone's;
#: who says "a new attack" means no slip, but noon stands for his whole day where he gives no hour.
_TOLD_BEFORE = timedelta(hours=36)
_TOLD_BEFORE_ANOTHER = {"day": timedelta(hours=12), "instant": timedelta(hours=3)}
_DATED = frozenset({"instant", "day"})
#: As sure as that a report speaks of an event of which its own source says so.
_CORRECTED = 10.0
#: What happens at one place, however vaguely it is told.
_AT_A_SPOT = frozenset({Family.HOSTILE, Family.MILITARY})

FEATURES: tuple[str, ...] = tuple(field.name for field in fields(Weights))
_values = attrgetter(*FEATURES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The incident that a report speaks of, if one is known, and why.

    Attributes:
        score: Log-odds of the best candidate; -inf when there was none.
        reasons: What weighed most, largest first: "near +3.0".
        corrects: The report takes back what its source alone told of the incident.
    """

    incident_id: str | None
    score: float
    reasons: tuple[str, ...]
    corrects: bool = False


def cell_of(position: Position) -> int:
    """Return the half-degree cell of a position, not negative."""
    row = int((min(max(position.lat, -90.0), 89.999) + 90) * _PER_DEGREE)
    column = int(((position.lon + 180) % 360) * _PER_DEGREE)
    return row * _ROW + column


def neighbour_cells(cell: int) -> tuple[int, ...]:
    """Return `cell` and the eight around it; the date line joins, the poles end."""
    row, column = divmod(cell, _ROW)
    rows = [r for r in (row - 1, row, row + 1) if 0 <= r < 180 * _PER_DEGREE]
    return tuple(r * _ROW + (column + step) % _ROW for r in rows for step in (-1, 0, 1))


@lru_cache(maxsize=1024)
def area_cell(area: str) -> int:
    """Return the cell that stands for an area: negative, so that it is never a position's."""
    return -(crc32(area.encode()) & 0x3FFFFFFF) - 1


def cell_for(location: Location) -> int:
    """Return the cell under which an incident at `location` is kept."""
    if location.whole:
        return area_cell(_ROADS)
    if location.shape is Shape.AREA and location.area:
        return area_cell(location.area)
    return cell_of(location.position)


def cells_around(location: Location) -> tuple[int, ...]:
    """Return the cells of positions in which an incident of a report at `location` may be kept."""
    cell = cell_of(location.position)
    if not location.whole and location.radius_km <= LONG_KM:
        return neighbour_cells(cell)
    row, column = divmod(cell, _ROW)
    far = 1 + ceil(location.radius_km / _DEGREE_KM * _PER_DEGREE)
    rows = range(max(0, row - far), min(180 * _PER_DEGREE, row + far + 1))
    return tuple(r * _ROW + (column + step) % _ROW for r in rows for step in range(-far, far + 1))


def area_cells(location: Location) -> tuple[int, ...]:
    """Return the cells of the areas that hold `location`."""
    return tuple(area_cell(area) for area in areas_of(location))


def cells_to_search(location: Location) -> tuple[int, ...]:
    """Return the cells in which an incident of a report at `location` may be kept.

    What is said of an area may have been at any place in it: see `is_somewhere_in`. All of a road
    is looked at by who speaks of a road.
    """
    roads = (area_cell(_ROADS),) if location.whole or location.at else ()
    return (*cells_around(location), *area_cells(location), *roads)


def cells_to_answer(location: Location) -> tuple[int, ...]:
    """Return the cells in which a danger that good news at `location` ends may be kept."""
    return tuple(dict.fromkeys((*cells_to_search(location), area_cell(_ROADS))))


def is_somewhere_in(location: Location, family: Family) -> bool:
    """Return whether it happened at one spot of an area, and nobody said at which.

    An attack "in the region of Kayes" was somewhere in it. A blockade or a reopening of Kayes is
    of all of it, and no more of what was said of one town.
    """
    return location.shape is Shape.AREA and family in _AT_A_SPOT


def match(
    report: Report, candidates: Sequence[Incident], *, kinds: Kinds, policy: MatchPolicy
) -> Match:
    """Return the candidate that `report` speaks of, the one with the highest score.

    An incident that was resolved before, merged away, or refuted without a word of this source is
    none: what happens there anew must be heard.
    """
    report = of_its_day(report)
    possible = [
        c for c in candidates if _may_be(report, c, policy) and _fits(report, c, kinds, policy)
    ]
    if not possible:
        return Match(incident_id=None, score=float("-inf"), reasons=())
    weights = _values(policy.weights)
    scored = [
        (sum(map(mul, weights, row)), candidate, row)
        for candidate, row in zip(
            possible, compare(report, possible, kinds=kinds, policy=policy), strict=True
        )
    ]
    score, best, row = max(scored, key=lambda entry: (entry[0], entry[1].id))
    own = [entry for entry in scored if corrects(report, entry[1], policy.corrected, kinds)]
    # What fits better is what he speaks of, though he is not alone with it, or no longer.
    if own and (score <= policy.threshold or any(entry[1] is best for entry in own)):
        meant = max(own, key=lambda entry: (entry[0], entry[1].id))[1]
        reasons = ("corrects what it said",)
        return Match(incident_id=meant.id, score=_CORRECTED, reasons=reasons, corrects=True)
    return Match(
        incident_id=best.id if score > policy.threshold else None,
        score=round(score, 3),
        reasons=_reasons(weights, row),
    )


def compare(
    report: Report, candidates: Sequence[Incident], *, kinds: Kinds, policy: MatchPolicy
) -> list[tuple[float, ...]]:
    """Return the features of the report with each candidate, in the order of FEATURES."""
    said = stems(report.summary)
    shared = [said.intersection(candidate.texts) for candidate in candidates]
    weigh = _word_weights(said, shared, policy.common)
    whole = max(sum(weigh.values()), _LEAST_WORDS)
    named = stems(f"{report.road_text or ''} {report.place_text or ''}")
    return [
        (
            1.0,
            *fit_of_kinds(report, candidate, kinds, policy.near_km),
            *nearness(report.location, candidate, policy.near_km),
            *_days(report, candidate, policy),
            policy.names.agreement(report.actor, candidate.actor),
            policy.names.agreement(report.target, candidate.target),
            _cargo(report.cargo, candidate.cargo),
            _counts(report, candidate),
            sum(weigh[word] for word in words) / whole,
            _figures(report.figures, candidate.figures),
            len(named.intersection(candidate.roads)) / max(len(named), 2),
            _lag(report, candidate, policy.lag_days),
            _other_claim_of_page(report, candidate),
        )
        for candidate, words in zip(candidates, shared, strict=True)
    ]


def _may_be(report: Report, incident: Incident, policy: MatchPolicy) -> bool:
    if incident.status is Status.MERGED or _is_another(report, incident, policy):
        return False
    if opens_to_others(report, incident, policy.openings) or _closes_anew(report, incident, policy):
        return False
    if incident.status is Status.REFUTED:
        return any(is_of(report, voice) for voice in incident.voices)
    return incident.resolved_at is None or _is_until(report, incident.resolved_at)


def _is_until(report: Report, ended_at: datetime) -> bool:
    """Return whether it may have happened before something ended."""
    if report.date_precision == "instant":
        return report.occurred_at <= ended_at
    is_dated = report.date_precision == "day"
    return not is_dated or report.occurred_at.date() <= ended_at.date()


def _closes_anew(report: Report, incident: Incident, policy: MatchPolicy) -> bool:
    """Return whether it closes what was opened before: a part of a road or an area, for a cargo.

    Joined to the closure that is over there, it would close nothing and warn nobody. Who only tells
    that an area is closed may not know that its towns are free again, nor for whom; who calls it so
    anew does, and who names the cargo, or a place in it and nobody: a barrier stops all.
    """
    since, here = incident.lifted_since, report.location
    if since is None or _is_until(report, since):
        return False
    again = not policy.another.isdisjoint(folded_words(report.summary))
    nobody = not report.cargo and incident.family is Family.CLOSURE
    all_of_them = nobody and (again or here.shape is not Shape.AREA)
    if any(
        (all_of_them or not set(lift.cargo).isdisjoint(report.cargo))
        and (lift.where is None or holds(lift.where, here))
        for lift in incident.lifted_for
    ):
        return True
    if incident.location.shape is not Shape.AREA:
        return any(is_on(part, here) for part in incident.lifted)
    return any(
        holds(part, here) or place_key(part) == place_key(here) or (again and holds(here, part))
        for part in incident.lifted
    )


def _is_another(report: Report, incident: Incident, policy: MatchPolicy) -> bool:
    """Return whether `report` tells of another attack: the times that are given bear that out.

    Either was told when the other had not happened yet. A road is attacked anew within one to three
    days, with the same trucks and by the same men: taken for the first attack told again, the
    second would warn nobody. What lasts, such as a blockade, is told day after day. An ambush in
    the morning is no mine in the afternoon, whatever else is alike. Where it is said to be another
    and both have their hour, that alone tells; where they have their day, a later day does, unless
    the incident was itself called another attack before.
    """
    if report.family not in _AT_A_SPOT:
        return passed_alone(report, incident, policy.escorts)
    if names_another_day(report, incident) or is_of_another_kind_and_day(report, incident):
        return True
    said = not policy.another.isdisjoint(folded_words(report.summary))
    told_so = any(kind == report.kind for kind, _ in incident.kinds)
    if (said or not told_so) and names_another_hour(report, incident):
        return True
    leeway = _TOLD_BEFORE_ANOTHER.get(report.date_precision) if said else None
    if leeway and report.date_precision == incident.date_precision == "instant":
        return abs(report.occurred_at - incident.occurred_at) > leeway
    if leeway and is_of_a_later_day(report, incident) and not _called_another(incident, policy):
        return True
    return _is_after(report, incident.first_reported_at, leeway or _TOLD_BEFORE) or _is_after(
        incident, report.reported_at, _TOLD_BEFORE
    )


def _is_after(one: Report | Incident, told: datetime, leeway: timedelta) -> bool:
    """Return whether `one` happened later than `told` by more than `leeway`, for all it says."""
    return one.date_precision in _DATED and one.occurred_at - told > leeway


def _called_another(incident: Incident, policy: MatchPolicy) -> bool:
    return any(word[:STEM] in incident.texts for word in policy.another)


def _word_weights(
    said: frozenset[str], shared: Sequence[frozenset[str]], common: frozenset[str]
) -> dict[str, float]:
    """Return what each word says: less when it is common, or when many candidates share it."""
    held_by = Counter(word for words in shared for word in words)
    return {
        word: (_COMMON if word in common else 1.0) / (1 + log(max(held_by[word], 1)))
        for word in said
    }


def _fits(report: Report, incident: Incident, kinds: Kinds, policy: MatchPolicy) -> bool:
    """Return whether it is of one family, or was told under a kind that is near the report's.

    What happened at a spot of a road is no closure of all of it, and a bridge that is blown up is
    no bus attacked: joined to it, it would be over with it, and its own rule would hold nothing.
    """
    if all(
        kinds.are_unlike(report.kind, code) for code, _ in incident.kinds or ((incident.kind, 1),)
    ):
        return False
    if is_of_another_issuer(report, incident, kinds, policy.names):
        return False
    for all_of_it, kind in ((incident.location, report.kind), (report.location, incident.kind)):
        if all_of_it.whole and not kinds.is_of_whole_roads(kind):
            return False
    return report.family is incident.family or any(
        affinity > STRANGE for affinity, _ in affinities(report, incident, kinds)
    )


def _days(report: Report, incident: Incident, policy: MatchPolicy) -> tuple[float, float, float]:
    """Return (days apart beyond what both leave open, same day, exactness differs)."""
    tolerance = policy.tolerance_days
    between = abs((report.occurred_at - incident.occurred_at).total_seconds()) / 86_400
    leeway = max(tolerance[report.date_precision], tolerance[incident.date_precision])
    apart = min(_MOST_APART, (max(0.0, between - leeway) / _APART_DAYS) ** 2)
    differs = _coarseness(report.date_precision) != _coarseness(incident.date_precision)
    return apart, float(between <= _SAME_DAY and not differs), float(differs)


def _coarseness(precision: str) -> str:
    return "day" if precision == "instant" else precision


def _cargo(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    if not one and not other:
        return 0.0
    if not one or not other:
        return -0.5
    return 1.0 if set(one) & set(other) else -1.0


def _counts(report: Report, incident: Incident) -> float:
    """Return how the dead, abducted and vehicles agree, -1..1; 0 when neither says any."""
    fits = [
        fit
        for fit in (
            _count(report.fatalities, incident.fatalities),
            _count(report.abducted, incident.abducted),
            _count(report.vehicles, incident.vehicles),
        )
        if fit is not None
    ]
    return sum(fits) / len(fits) if fits else 0.0


def _count(one: Range | None, other: Range | None) -> float | None:
    if one is None or other is None:
        return None if one is other else -0.5
    return 1.0 if one.low <= other.high and other.low <= one.high else -1.0


def _figures(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    if not one or not other:
        return 0.0
    return min(1.0, len(set(one).intersection(other)) / 2)


def _lag(report: Report, incident: Incident, lag_days: float) -> float:
    """Return how close in time the report is to those that joined, 1 between first and last."""
    wait = max(
        incident.first_reported_at - report.reported_at,
        report.reported_at - incident.last_reported_at,
        timedelta(0),
    )
    return exp(-wait.total_seconds() / 86_400 / lag_days)


def _other_claim_of_page(report: Report, incident: Incident) -> float:
    """Return 1 when the page has another claim in the incident: two events, two claims."""
    if not report.marks:
        return 0.0
    for voice in incident.voices:
        if common := set(report.marks).intersection(voice.marks):
            return 0.0 if any(mark.startswith(("t", "s")) for mark in common) else 1.0
    return 0.0


def _reasons(weights: Sequence[float], row: Sequence[float]) -> tuple[str, ...]:
    parts = [
        (name, weight * value)
        for name, weight, value in zip(FEATURES, weights, row, strict=True)
        if name != "bias" and abs(weight * value) >= 0.1  # noqa: PLR2004 - below it decides nothing
    ]
    parts.sort(key=lambda part: -abs(part[1]))
    return tuple(f"{name.replace('_', ' ')} {value:+.1f}" for name, value in parts[:5])
