"""One incident as evidence about one section: figures, floors, and what it answers."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from app.core.levels import Level
from app.incidents.incident import Incident, Status
from app.incidents.report import Family
from app.risk.beyond import Left
from app.risk.hazard import nearness
from app.risk.lifted import eased_by, is_for, over_for, speaks_of
from app.risk.own_road import is_of, on_each_road
from app.risk.policy import RiskPolicy
from app.risk.rulebook import JudgedFloor, Judgement, Recent, RuleBook
from app.risk.rules import Rule
from app.roads.network import Section
from app.roads.places import Shape

NEVER = float("-inf")


#: An incident as a section has seen it: version, since when, whether it reaches it still, km.
Seen: TypeAlias = tuple[int, datetime, bool, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """An incident and a section that it reaches.

    Attributes:
        known_at: Since when this version of the incident is known.
        live: False when it no longer reaches the section: moved away.
    """

    incident: Incident
    distance_km: float
    known_at: datetime
    live: bool = True

    @property
    def seen(self) -> Seen:
        """Return what tells it from any other version of the same, one rolled back included."""
        return self.incident.version, self.known_at, self.live, self.distance_km


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFloor:
    """A level that holds until an instant; `ranks` per cargo, 0 where it does not apply.

    Attributes:
        lifted: It ends when the incident is resolved; `until` is then only the policy's limit.
        since: From when it holds; None: since anybody knew.
    """

    exposed: Exposed
    rule: Rule
    level: Level
    until: datetime
    lifted: bool
    ranks: tuple[int, ...]
    since: datetime | None = None

    def holds_at(self, now: datetime) -> bool:
        """Return whether it holds at an instant."""
        return self.until > now and (self.since is None or self.since <= now)

    def begins_after(self, now: datetime) -> bool:
        """Return whether it is announced for later."""
        return self.since is not None and self.since > now

    def order(self) -> tuple[int, float, str, str]:
        """Return what sorts the floor that matters most first, the same on every machine."""
        until = -self.until.timestamp()
        return -self.level.rank, until, self.exposed.incident.id, self.rule.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What one incident says of a section. Tuples of figures are per cargo.

    Attributes:
        mass: Weight x credibility x what policy takes off; see `app.risk.hazard`.
        half_days: Of the short memory.
        danger: The incident counts against the section: by weight or by floor.
        is_news: It tells how dangerous the road is now. Empty pumps or the letter of an embassy
            add to what is known of it, and say nothing of it themselves.
        ease: The share of older danger that this good news takes away.
        passable: It says that the road can be driven.
        fresh_at: When it last said something about the road.
        answered_at: When it became known that a danger is over or never was; None: it does not.
        is_open: The danger is not over.
    """

    id: str
    exposed: Exposed
    judgement: Judgement
    recent: Recent
    near: tuple[float, ...]
    mass: tuple[float, ...]
    half_days: tuple[float, ...]
    danger: tuple[bool, ...]
    is_news: bool
    ease: tuple[float, ...]
    passable: tuple[bool, ...]
    floors: tuple[HeldFloor, ...]
    fresh_at: datetime
    answered_at: tuple[datetime | None, ...]
    is_open: tuple[bool, ...]
    trusted: bool
    hostile: bool
    serious: bool
    looks_at_recent: bool

    @property
    def key(self) -> tuple[datetime, str]:
        """Return what evidence is ordered by, whatever order it arrived in."""
        return self.exposed.incident.occurred_at, self.id


def days_of(instant: datetime) -> float:
    """Return days since 1970."""
    return instant.timestamp() / 86_400.0


def weigh(exposed: Exposed, section: Section, recent: Recent, book: RuleBook) -> Weighed:
    """Return what an incident says of a section under the rules.

    News about an area stands at distance 0 of every section in it, so that floors hold on all of
    them, but adds only `area_share` of a typical event to the statistics of each. A rough position
    may lie anywhere within its radius: floors and what rules say of good news count from the rim,
    hazard from the centre. Danger reaches what is near, and holds levels there unless it is known
    to be of another road (`is_of`); good news says nothing but of the road it came from
    (`speaks_of`). Refuted, merged and moved incidents weigh nothing; resolved ones keep
    no floor and a share of their weight.
    """
    incident, policy = exposed.incident, book.policy
    judgement = book.judge(incident, section, recent)
    stands = _stands(exposed)
    over = over_for(section, incident, book.cargoes)
    holds = stands and not all(over) and is_of(section, incident, policy.own_road_kinds)
    floors = tuple(_floors(exposed, judgement, policy, over)) if holds else ()
    mass = _mass(exposed, judgement, section, policy, over=over)
    eases = _eases(exposed, section, book)
    ease = _ease(exposed, judgement, policy, eases)
    spot = incident.location.shape is not Shape.AREA
    hostile = counts_as_hostile(exposed, policy)
    return Weighed(
        id=incident.id,
        exposed=exposed,
        judgement=judgement,
        recent=recent,
        near=tuple(nearness(_felt_km(exposed, policy), policy).tolist()),
        mass=mass,
        half_days=tuple(
            (rule and rule.half_life_days) or policy.kernels[0].half_days for rule in judgement.by
        ),
        danger=tuple(
            m > 0 or any(floor.ranks[place] for floor in floors) for place, m in enumerate(mass)
        ),
        is_news=incident.family is not Family.CONTEXT or bool(floors),
        ease=ease,
        passable=tuple(
            spot and share > 0 and weight >= policy.passable_from
            for share, weight in zip(ease, judgement.weights, strict=True)
        ),
        floors=floors,
        fresh_at=_fresh_at(incident, floors, policy),
        answered_at=tuple(
            exposed.known_at if ended or (eased and is_for(incident, cargo)) or not stands else None
            for cargo, ended, eased in zip(book.cargoes, over, eases, strict=True)
        ),
        is_open=tuple(stands and not ended for ended in over),
        trusted=_is_trusted(incident),
        hostile=hostile,
        serious=hostile and hit_someone(incident),
        looks_at_recent=book.looks_at_recent(incident.kind, incident.family),
    )


def weigh_left(exposed: Exposed, section: Section, recent: Recent, book: RuleBook) -> Left:
    """Return of an incident what the sums of a long past hold: as `weigh` has it, and no more."""
    incident, policy = exposed.incident, book.policy
    judgement = book.judge(incident, section, recent)
    hostile = counts_as_hostile(exposed, policy)
    return Left(
        at=days_of(incident.occurred_at),
        km=_felt_km(exposed, policy),
        mass=_mass(
            exposed, judgement, section, policy, over=over_for(section, incident, book.cargoes)
        ),
        ease=_ease(exposed, judgement, policy, _eases(exposed, section, book)),
        trusted=_is_trusted(incident),
        hostile=hostile,
        serious=hostile and hit_someone(incident),
    )


def left_of(item: Weighed, policy: RiskPolicy) -> Left:
    """Return of an incident that was looked at what the sums of a long past hold."""
    return Left(
        at=days_of(item.exposed.incident.occurred_at),
        km=_felt_km(item.exposed, policy),
        mass=item.mass,
        ease=item.ease,
        trusted=item.trusted,
        hostile=item.hostile,
        serious=item.serious,
    )


def is_operation(incident: Incident) -> bool:
    """Return whether it is soldiers at some place, which is told to nobody."""
    return incident.family is Family.MILITARY and incident.location.shape is not Shape.AREA


def _eases(exposed: Exposed, section: Section, book: RuleBook) -> tuple[bool, ...]:
    """Return of each cargo whether it is good news for it on the section."""
    news = exposed.incident
    good = _stands(exposed) and news.family is Family.POSITIVE
    if not good or not speaks_of(news, exposed.distance_km, section):
        return (False,) * len(book.cargoes)
    return eased_by(news, book.cargoes)


def _is_trusted(incident: Incident) -> bool:
    return incident.certain or not incident.only_unknown


def _nothing(judgement: Judgement) -> tuple[float, ...]:
    return (0.0,) * len(judgement.weights)


def _distance(exposed: Exposed) -> float:
    return 0.0 if exposed.incident.location.shape is Shape.AREA else exposed.distance_km


def _felt_km(exposed: Exposed, policy: RiskPolicy) -> float:
    """Return the distance that the statistics reckon with.

    Scores are told to everybody, and those of a few roads would tell where soldiers are: an
    operation counts as at the near end of a band of kilometres, so never as less of a danger.
    """
    distance = _distance(exposed)
    if not is_operation(exposed.incident):
        return distance
    return distance - distance % policy.operation_band_km


def _touch_km(exposed: Exposed) -> float:
    """Return the distance from the rim of where it may have happened."""
    where = exposed.incident.location
    if where.shape is Shape.POINT:
        return max(0.0, exposed.distance_km - where.radius_km)
    return _distance(exposed)


def _mass(
    exposed: Exposed,
    judgement: Judgement,
    section: Section,
    policy: RiskPolicy,
    *,
    over: tuple[bool, ...],
) -> tuple[float, ...]:
    incident = exposed.incident
    kinds = policy.own_road_kinds
    elsewhere = incident.kind in kinds and not is_of(section, incident, kinds)
    if elsewhere or not _stands(exposed) or incident.family is Family.POSITIVE:
        return _nothing(judgement)
    factor = incident.credibility
    if incident.location.shape is Shape.AREA:
        factor *= policy.area_share
    distance = _distance(exposed)
    return tuple(
        weight * (factor * policy.resolved_factor if ended else factor)
        if rule and distance <= (rule.reach_km or policy.default_reach_km)
        else 0.0
        for weight, rule, ended in zip(judgement.weights, judgement.by, over, strict=True)
    )


def _ease(
    exposed: Exposed, judgement: Judgement, policy: RiskPolicy, eases: tuple[bool, ...]
) -> tuple[float, ...]:
    believed = exposed.incident.credibility
    if believed < policy.min_credibility or not any(eases):
        return _nothing(judgement)
    touch = _touch_km(exposed)
    return tuple(
        min(1.0, weight) * believed
        if rule and eased and touch <= (rule.reach_km or policy.default_reach_km)
        else 0.0
        for weight, rule, eased in zip(judgement.weights, judgement.by, eases, strict=True)
    )


def _floors(
    exposed: Exposed, judgement: Judgement, policy: RiskPolicy, over: tuple[bool, ...]
) -> list[HeldFloor]:
    touch = _touch_km(exposed)
    held = [
        _held(exposed, judged, policy, over)
        for judged in judgement.floors
        if touch <= judged.floor.within_km
        and exposed.incident.credibility >= judged.floor.min_credibility
    ]
    if exposed.incident.starts_at is None:
        return held
    return [*(_threat(floor, exposed.incident.starts_at) for floor in held), *held]


def _threat(floor: HeldFloor, starts_at: datetime) -> HeldFloor:
    """Return what an announced closure holds until it begins: nobody is stopped yet."""
    level = min(floor.level, Level.MODERATE, key=lambda one: one.rank)
    ranks = tuple(level.rank if rank else 0 for rank in floor.ranks)
    return replace(floor, level=level, ranks=ranks, until=starts_at, lifted=True, since=None)


def _held(
    exposed: Exposed, judged: JudgedFloor, policy: RiskPolicy, over: tuple[bool, ...]
) -> HeldFloor:
    """Return the floor; what only unknown sources tell is `high` at most."""
    incident, floor = exposed.incident, judged.floor
    rumour = incident.only_unknown and not incident.certain
    level = Level.HIGH if rumour and floor.level is Level.SEVERE else floor.level
    level = on_each_road(level, incident)
    lasts = policy.lifted_for if floor.days is None else timedelta(days=floor.days)
    goes_on = floor.until_lifted and _told_in_time(incident, policy)
    start = max(incident.begins_at, incident.last_reported_at if goes_on else incident.occurred_at)
    return HeldFloor(
        exposed=exposed,
        rule=judged.rule,
        level=level,
        until=max(start + lasts, _heard_late(incident, policy)),
        lifted=floor.until_lifted,
        ranks=tuple(
            level.rank if applies and not ended else 0
            for applies, ended in zip(judged.applies, over, strict=True)
        ),
        since=incident.starts_at,
    )


def _told_in_time(incident: Incident, policy: RiskPolicy) -> bool:
    """Return whether it may have gone on when it was first told of.

    A blockade nobody has spoken of for so long is over. A paper that looks back on the threats of
    last June does not close a road in January.
    """
    return incident.first_reported_at - incident.occurred_at <= policy.lifted_for


def _heard_late(incident: Incident, policy: RiskPolicy) -> datetime:
    """Return until when at least a danger first heard of late holds its floors.

    An attack of last week that is told of today is news to whoever drives today; one of last
    season is history.
    """
    late = incident.first_reported_at - incident.occurred_at
    recent = incident.family is Family.HOSTILE and late <= policy.stale_after
    return incident.first_reported_at + policy.late_for if recent else incident.occurred_at


def _fresh_at(incident: Incident, floors: tuple[HeldFloor, ...], policy: RiskPolicy) -> datetime:
    """Return when it last spoke: a blockade goes on, an ambush is over when it is over."""
    if any(floor.lifted for floor in floors) and _told_in_time(incident, policy):
        return max(incident.last_reported_at, incident.occurred_at)
    return incident.occurred_at


def _stands(exposed: Exposed) -> bool:
    refuted = exposed.incident.status in {Status.REFUTED, Status.MERGED}
    return exposed.live and not refuted


def counts_as_hostile(exposed: Exposed, policy: RiskPolicy) -> bool:
    """Return whether an incident is an attack near the section, for what `Recent` counts."""
    incident = exposed.incident
    return (
        _stands(exposed)
        and incident.family is Family.HOSTILE
        and incident.location.shape is not Shape.AREA
        and incident.credibility >= policy.min_credibility
        and exposed.distance_km <= policy.recent_within_km
    )


def hit_someone(incident: Incident) -> bool:
    """Return whether people or vehicles came to harm."""
    figures = (incident.fatalities, incident.abducted, incident.vehicles)
    return any(figure is not None and figure.high > 0 for figure in figures)
