"""Which dangers good news ends: a release, a safe transit, a road reopened."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from itertools import chain
from math import inf

from app.incidents.incident import Incident, Status
from app.incidents.kinds import Kinds
from app.incidents.nearness import areas_of, is_long, same_place
from app.incidents.openings import REOPENED
from app.incidents.policy import AnswerPolicy
from app.incidents.report import Family, Range
from app.incidents.words import stems
from app.roads.geometry import rough_km
from app.roads.named_road import ON_IT_KM, sections_at
from app.roads.network import Network
from app.roads.places import Location, Shape

#: What speaks for a release being of an abduction, added up; below _MATTER it is another one.
_SAME_NUMBER, _POSSIBLE_NUMBER, _TARGET, _WORDS, _HERE, _NEAR = 2.0, 1.0, 1.0, 1.5, 1.5, 1.0
_MATTER = 3.25
_HERE_KM, _NEAR_KM = 30.0, 150.0
_RELEASE = "hostage_release"
_SEEN = "armed_presence"
#: Where so many sections meet, whoever passed drove two of them, and nobody knows which.
_JUNCTION = 3
#: Words of roads that tell none from another.
_ANY_ROAD = stems("road route axe axis near pres area region national nationale all toutes zone")


class Effect(StrEnum):
    """What good news does to a danger.

    It ends it: everywhere, in a part, or for some cargoes. Or it speaks against it, and no more.
    """

    RESOLVES = "resolves"
    LIFTS_PART = "lifts_part"
    LIFTS_CARGO = "lifts_cargo"
    LOWERS = "lowers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One danger answered, and why.

    Attributes:
        in_part: Only in a part of where it holds; with LIFTS_CARGO alone it may be either.
        cargo: For whom alone it is over.
    """

    incident_id: str
    effect: Effect
    reason: str
    in_part: bool = False
    cargo: tuple[str, ...] = ()


def answers(
    positive: Incident,
    dangers: Sequence[Incident],
    *,
    kinds: Kinds,
    policy: AnswerPolicy,
    network: Network,
) -> tuple[Answer, ...]:
    """Return which of `dangers` the good news `positive` ends or lowers, in their order.

    Only what is believed ends anything, and only what came before it; silence ends nothing. What
    strangers tell ends only what strangers told, and only when several of them tell it. Good news
    that names cargoes ends a danger for these alone.
    """
    kind = kinds.find(positive.kind)
    if kind is None or not kind.answers or not _counts(positive, policy):
        return ()
    judge = _JUDGES.get(positive.kind, _of_transit)
    found = (
        _for_its_cargo(
            positive,
            danger,
            _on_its_road(
                positive, danger, judge(positive, danger, policy, network), policy, network
            ),
            policy,
        )
        for danger in dangers
        if danger.kind in kind.answers
        and danger.status in (Status.OPEN, Status.CONFIRMED)
        and _is_before(danger, positive)
        and (danger.only_unknown or not positive.only_unknown)
    )
    return tuple(answer for answer in found if answer is not None)


def search_days(kind: str, policy: AnswerPolicy) -> float:
    """Return how far back a positive report of `kind` may answer, days."""
    return {
        _RELEASE: policy.release_days,
        REOPENED: policy.reopened_days,
    }.get(kind, policy.transit_days)


def _counts(positive: Incident, policy: AnswerPolicy) -> bool:
    if positive.family is not Family.POSITIVE:
        return False
    if positive.status in (Status.REFUTED, Status.MERGED):
        return False
    if positive.only_unknown:
        return len(positive.voices) >= policy.strangers
    return positive.credibility >= policy.credible


def _is_before(danger: Incident, positive: Incident) -> bool:
    """Return whether `danger` came first; at one instant or on one day, by when they were told.

    Of what is announced nobody has seen the end before the day from which it holds; but it may be
    called off.
    """
    early = danger.starts_at is not None and positive.occurred_at < danger.starts_at
    if early and not positive.called_off:
        return False
    instants = danger.date_precision == positive.date_precision == "instant"
    if instants and danger.occurred_at == positive.occurred_at:
        return danger.first_reported_at < positive.last_reported_at
    if instants or danger.occurred_at.date() != positive.occurred_at.date():
        return danger.occurred_at < positive.occurred_at
    return danger.first_reported_at < positive.first_reported_at


def _within(danger: Incident, positive: Incident, days: float) -> bool:
    return positive.occurred_at - danger.occurred_at <= timedelta(days=days)


def _of_release(
    positive: Incident, danger: Incident, policy: AnswerPolicy, _network: Network
) -> Answer | None:
    """A release may come long after and far away: it is known by number, words and target."""
    if not _within(danger, positive, policy.release_days) or _differ(
        positive.abducted, danger.abducted
    ):
        return None
    parts = [*_alike_people(positive, danger, policy), *_alike_place(positive, danger)]
    if _words_shared(positive, danger) >= policy.words:
        parts.append((_WORDS, "the same words"))
    if sum(points for points, _ in parts) < _MATTER:
        return None
    reason = ", ".join(why for _, why in parts)
    return Answer(incident_id=danger.id, effect=Effect.RESOLVES, reason=reason)


def _alike_people(
    positive: Incident, danger: Incident, policy: AnswerPolicy
) -> list[tuple[float, str]]:
    parts = []
    if positive.abducted and positive.abducted == danger.abducted:
        parts.append((_SAME_NUMBER, "the same number of people"))
    elif positive.abducted and danger.abducted:
        parts.append((_POSSIBLE_NUMBER, "perhaps the same number of people"))
    if policy.names.agreement(positive.target, danger.target) > 0:
        parts.append((_TARGET, "the same target"))
    return parts


def _alike_place(positive: Incident, danger: Incident) -> list[tuple[float, str]]:
    km = _km(positive, danger)
    if km <= _HERE_KM:
        return [(_HERE, "at the same place")]
    return [(_NEAR, "nearby")] if km <= _NEAR_KM else []


def _of_reopening(
    positive: Incident, danger: Incident, policy: AnswerPolicy, network: Network
) -> Answer | None:
    if not _within(danger, positive, policy.reopened_days):
        return None
    answer = _of_place(positive, danger, policy.reopened_km, "reopened", network)
    if answer and answer.effect is Effect.LOWERS:
        # A blockade lifted for one town goes on in the rest of the region.
        answer = replace(answer, effect=Effect.LIFTS_PART)
    if answer and positive.in_part:
        # Who may drive one way, or behind an escort, is not told by whom the road is held.
        return _lowered(danger, answer, "in part only")
    if answer and policy.names.agreement(positive.target, danger.target) < 0:
        # Coaches that run again do not say that tankers may.
        return _lowered(danger, answer, "for another use")
    return answer


def _of_transit(
    positive: Incident, danger: Incident, policy: AnswerPolicy, network: Network
) -> Answer | None:
    if not _within(danger, positive, policy.transit_days):
        return None
    answer = _of_place(positive, danger, policy.transit_km, "passed safely", network)
    doubt = _doubt_of_transit(positive, danger)
    return _lowered(danger, answer, doubt) if answer and doubt else answer


def _doubt_of_transit(positive: Incident, danger: Incident) -> str | None:
    """Return why what passed there does not show that the danger is over; None: it does.

    Somebody who passed somewhere in a region was on one of its roads, nobody knows which; who came
    into town from the south says nothing of the road west. Whom soldiers brought through shows
    nobody that he may drive alone.
    """
    closed = danger.family is Family.CLOSURE
    doubts = (
        (positive.location.shape is Shape.AREA, "on a road not told"),
        (is_long(positive.location), "where on the road is not told"),
        (_on_other_roads(positive, danger), "on another road"),
        (positive.escorted and _is_of_men(danger), "under escort"),
        (
            (closed or danger.cargo) and not _is_for_its_cargo(positive, danger),
            "with another cargo",
        ),
    )
    return next((why for holds, why in doubts if holds), None)


_JUDGES: dict[str, Callable[[Incident, Incident, AnswerPolicy, Network], Answer | None]] = {
    _RELEASE: _of_release,
    REOPENED: _of_reopening,
    "safe_transit": _of_transit,
}


def _of_place(
    positive: Incident, danger: Incident, km: float, what: str, network: Network
) -> Answer | None:
    """Return the answer by place: the same spot, stretch or whole area ends, a part lowers."""
    here, there = positive.location, danger.location
    if same_place(here, danger) or set(here.section_ids) & set(there.section_ids):
        effect, where = Effect.RESOLVES, "at the same place"
    elif here.shape is Shape.AREA and here.area in areas_of(there):
        effect, where = Effect.RESOLVES, "in the whole area"
    elif there.shape is Shape.AREA and there.area in areas_of(here):
        effect, where = Effect.LOWERS, "in a part of it"
    elif Shape.AREA in (here.shape, there.shape):
        return None
    else:
        gap = _gap_km(here, there, network)
        if gap > km:
            return None
        effect, where = Effect.RESOLVES, f"{gap:.0f} km away"
    return Answer(incident_id=danger.id, effect=effect, reason=f"{what} {where}")


def _gap_km(here: Location, there: Location, network: Network) -> float:
    """Return how far two places are from one another; of all of a road its nearest point counts."""
    if not (here.whole or there.whole):
        km = rough_km(here.position, there.position)
        return max(0.0, km - max(here.radius_km, there.radius_km))
    road, other = (here, there) if here.whole else (there, here)
    known = [one for one in road.section_ids if one in network.sections]
    km = min((network.distance_to_section_km(other.position, one) for one in known), default=inf)
    return max(0.0, km - (other.radius_km if other.shape is Shape.POINT else 0.0))


def _on_its_road(
    positive: Incident,
    danger: Incident,
    answer: Answer | None,
    policy: AnswerPolicy,
    network: Network,
) -> Answer | None:
    """Return the answer, as far as the danger lies on the road that the good news speaks of.

    Who drove one road into town says nothing of what waits on the other one. A danger in town, on a
    longer stretch, or on another road but felt on this one, is over on this road only.
    """
    here, there = positive.location, danger.location
    named = here.section_ids if here.shape is Shape.ROAD else here.along
    if answer is None or answer.effect is not Effect.RESOLVES or there.shape is Shape.AREA:
        return answer
    if positive.kind == _RELEASE:
        return answer
    if named is None:
        return _by_some_road(positive, danger, answer, network)
    at = sections_at(there, network)
    if there.along:
        at = at.intersection(there.along) or at
    if not at or at.issubset(named):
        return answer
    if at.isdisjoint(named) and not _is_felt_on(named, danger, policy, network):
        return _lowered(danger, answer, "on another road")
    return replace(answer, effect=Effect.LIFTS_PART, reason=f"{answer.reason}, on this road only")


def _by_some_road(positive: Incident, danger: Incident, answer: Answer, network: Network) -> Answer:
    """Return the answer of who names no road: at a junction, it is no word of what lies farther."""
    here = positive.location
    if danger.location.whole:
        return replace(answer, effect=Effect.LIFTS_PART, reason=f"{answer.reason}, there only")
    here_too = same_place(here, danger) or _km(positive, danger) <= ON_IT_KM
    if positive.kind == REOPENED or here_too or len(sections_at(here, network)) < _JUNCTION:
        return answer
    return _lowered(danger, answer, "on one of the roads that meet there")


def _is_felt_on(
    named: Iterable[str], danger: Incident, policy: AnswerPolicy, network: Network
) -> bool:
    """Return whether a spot on another road is near enough to have been warned of on these."""
    there = danger.location
    return there.shape is Shape.POINT and any(
        network.distance_to_section_km(there.position, one) <= policy.transit_km
        for one in named
        if one in network.sections
    )


def _for_its_cargo(
    positive: Incident, danger: Incident, answer: Answer | None, policy: AnswerPolicy
) -> Answer | None:
    """Return the answer, as far as it is for the cargoes that the good news names.

    Where it names each of them, or all for which the danger is not over yet, it is over. It is,
    too, where something passed of each load that the danger is known to be about; but who opens a
    road may open it to whom he likes.
    """
    ends = answer is not None and answer.effect in (Effect.RESOLVES, Effect.LIFTS_PART)
    if answer is None or not ends or not positive.cargo or positive.kind == _RELEASE:
        return answer
    about = positive.kind != REOPENED and bool(danger.cargo)
    if about and {*danger.cargo} <= {*positive.cargo} - {*positive.shut}:
        return answer
    if left := tuple(code for code in positive.cargo if code not in positive.shut):
        everywhere = (one.cargo for one in danger.lifted_for if one.where is None)
        over = {*left, *chain.from_iterable(everywhere)}
        if answer.effect is Effect.RESOLVES and over.issuperset(policy.openings.codes):
            return answer
        return replace(
            answer,
            effect=Effect.LIFTS_CARGO,
            reason=f"{answer.reason}, for {', '.join(left)} only",
            in_part=answer.effect is Effect.LIFTS_PART,
            cargo=left,
        )
    return _lowered(danger, answer, "for no cargo")


def _is_of_men(danger: Incident) -> bool:
    """Return whether men did it, who let soldiers pass and wait: water and a wreck do not."""
    return danger.family is not Family.HAZARD or danger.kind == _SEEN


def _is_for_its_cargo(positive: Incident, danger: Incident) -> bool:
    """Return whether good news is for all cargoes, or for one that the danger is known to be about.

    Who closes a road lets through whom he likes: a closure of which no cargo is told is for every
    one, and not over while it is open to some.
    """
    return not positive.cargo or bool(set(positive.cargo) & set(danger.cargo))


def _on_other_roads(positive: Incident, danger: Incident) -> bool:
    """Return whether both name their road and, but for the place itself, share no word of it."""
    if Shape.AREA in (positive.location.shape, danger.location.shape):
        return False
    if set(positive.location.section_ids) & set(danger.location.section_ids):
        return False
    here = stems(f"{positive.location.label} {danger.location.label}")
    took = set(positive.roads) - _ANY_ROAD - here
    other = set(danger.roads) - _ANY_ROAD - here
    return bool(took and other and not took & other)


def _lowered(danger: Incident, answer: Answer, why: str) -> Answer:
    return Answer(incident_id=danger.id, effect=Effect.LOWERS, reason=f"{answer.reason}, {why}")


def _differ(one: Range | None, other: Range | None) -> bool:
    return one is not None and other is not None and (one.low > other.high or other.low > one.high)


def _words_shared(positive: Incident, danger: Incident) -> float:
    words = set(positive.texts)
    return len(words.intersection(danger.texts)) / max(len(words), 1)


def _km(positive: Incident, danger: Incident) -> float:
    return rough_km(positive.location.position, danger.location.position)
