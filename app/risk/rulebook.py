"""A rule set ready for use: what its rules say of one incident, worked out once."""

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from hashlib import sha256
from threading import Lock
from typing import Any, Generic, NamedTuple, TypeVar

from app.incidents.incident import Incident
from app.incidents.kinds import Kind
from app.incidents.report import Family
from app.risk.cel import FAMILY, Condition, activation, holds, incident_facts
from app.risk.policy import RiskPolicy
from app.risk.problems import Problem
from app.risk.rules import Floor, Rule
from app.roads.network import Section

#: Judgements kept, 2 kB each: of the incidents of late, each asked for by the sections around it.
KEPT = 5_000
#: Kinds whose rules are kept sorted out; more than any configuration has.
KINDS_KEPT = 1_000
T = TypeVar("T")


class Recent(NamedTuple):
    """What else happened near a section up to an incident; itself included."""

    hostile_7d: int = 0
    hostile_30d: int = 0
    serious_7d: int = 0
    serious_30d: int = 0


_NOTHING = (0.0,) * len(Recent._fields)


class _Candidates(NamedTuple):
    """The rules that can concern a kind, and what any of them depends on."""

    pairs: tuple[tuple[Rule, Condition], ...]
    by_cargo: bool
    by_section: bool
    by_recent: bool
    span: timedelta


class JudgedFloor(NamedTuple):
    """A floor that a rule sets for an incident; `applies` in the order of the book's cargoes."""

    rule: Rule
    floor: Floor
    applies: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the rules say of an incident. Tuples are in the order of the book's cargoes.

    Attributes:
        weights: The strongest weight of the rules that apply; several do not add up, so that a
            rule more never counts an incident twice. For good news: the share it takes away.
        by: The rule that gave the weight, None where none applies.
        problems: Rules that threw; they count as not applying.
    """

    weights: tuple[float, ...]
    by: tuple[Rule | None, ...]
    floors: tuple[JudgedFloor, ...]
    problems: tuple[Problem, ...]


class RuleBook:
    """The compiled rules of one set, with a bounded memory of judgements.

    Args:
        number: Of the rule set.
        rules: Rule and its checked condition, enabled ones only; see `app.risk.checking`.
        families: Kind to family, as configured.
        cargoes: For which ratings exist, in order.
    """

    def __init__(
        self,
        number: int,
        rules: Sequence[tuple[Rule, Condition]],
        *,
        families: Mapping[str, Family],
        cargoes: Sequence[str],
        policy: RiskPolicy,
    ) -> None:
        self.number = number
        self.cargoes = tuple(cargoes)
        self.families = dict(families)
        self.policy = policy
        self._rules = tuple(rules)
        self._candidates: dict[tuple[str, str], _Candidates] = {}
        self._judgements: _Bounded[Judgement] = _Bounded(KEPT)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return the rules in force."""
        return tuple(rule for rule, _ in self._rules)

    @cached_property
    def weighs_as(self) -> str:
        """Return a name for all that decides what an incident weighs; what differs has another.

        Up to the colon the rules, then the scale: weights of one scale can stand in for others.
        """
        return f"{self.number}:{self.scale}"

    @cached_property
    def scale(self) -> str:
        """Return a name for all that weights are made of, but the rules."""
        made_of = (self.policy, self.cargoes, sorted(self.families.items()))
        return sha256(repr(made_of).encode()).hexdigest()[:40]

    @property
    def reach_km(self) -> float:
        """Return how far the farthest-reaching rule reaches: nothing beyond it matters."""
        reaches = [rule.reach_km or self.policy.default_reach_km for rule, _ in self._rules]
        within = [floor.within_km for rule, _ in self._rules for floor in rule.floors]
        return max([*reaches, *within], default=self.policy.default_reach_km)

    def floor_span(self, kind: str, family: str) -> timedelta:
        """Return the longest that a floor of such an incident holds after it was last reported."""
        return self._for(kind, family).span

    @property
    def needs_recent(self) -> bool:
        """Return whether any rule looks at what else happened."""
        return any(condition.by_recent for _, condition in self._rules)

    @cached_property
    def recent_limits(self) -> tuple[float, ...]:
        """Return from where on more of what `Recent` counts makes no difference, in its order.

        In a storm every attack would change the counts of all around it, and have them judged anew.
        """
        matters = [condition.recent_matters for _, condition in self._rules]
        return tuple(max(each) + 1 for each in zip(*matters, strict=True)) or _NOTHING

    def looks_at_recent(self, kind: str, family: str) -> bool:
        """Return whether what else happened can change what is said of such an incident."""
        return self._for(kind, family).by_recent

    def unheard(self, kinds: Iterable[Kind]) -> tuple[str, ...]:
        """Return the kinds that no rule can concern: reports of them change no level."""
        return tuple(kind.code for kind in kinds if not self._for(kind.code, kind.family).pairs)

    def judge(self, incident: Incident, section: Section, recent: Recent) -> Judgement:
        """Return what the rules say of an incident near a section."""
        candidates = self._for(incident.kind, incident.family)
        near = section.id if candidates.by_section else None
        counts = recent if candidates.by_recent else None
        facts = incident_facts(incident)
        key = (facts, near, counts)
        known = self._judgements.get(key)
        if known is None:
            known = self._judge(candidates, facts, section, recent)
            self._judgements.put(key, known)
        return known

    def _for(self, kind: str, family: str) -> "_Candidates":
        found = self._candidates.get((kind, family))
        if found is None:
            pairs = tuple(pair for pair in self._rules if pair[1].may_hold(kind, family))
            found = _Candidates(
                pairs,
                by_cargo=any(condition.by_cargo for _, condition in pairs),
                by_section=any(condition.by_section for _, condition in pairs),
                by_recent=any(condition.by_recent for _, condition in pairs),
                span=self._longest(rule for rule, _ in pairs),
            )
            if len(self._candidates) < KINDS_KEPT:
                self._candidates[kind, family] = found
        return found

    def _longest(self, rules: Iterable[Rule]) -> timedelta:
        lasts = [
            self.policy.lifted_for if floor.days is None else timedelta(days=floor.days)
            for rule in rules
            for floor in rule.floors
        ]
        return max(lasts, default=timedelta(0)) + self.policy.late_for

    def _judge(
        self,
        candidates: "_Candidates",
        facts: tuple[Any, ...],
        section: Section,
        recent: Recent,
    ) -> Judgement:
        cargoes = self.cargoes if candidates.by_cargo else self.cargoes[:1]
        all_views = [activation(facts, section, cargo, recent) for cargo in cargoes]
        sign = -1.0 if facts[FAMILY] == Family.POSITIVE.value else 1.0
        weights = [0.0] * len(self.cargoes)
        chosen: list[Rule | None] = [None] * len(self.cargoes)
        floors: list[JudgedFloor] = []
        problems: list[Problem] = []
        for rule, condition in candidates.pairs:
            views = all_views if condition.by_cargo else all_views[:1]
            outcomes = [holds(condition, view) for view in views]
            problems += [_thrown(rule, said) for said in outcomes if isinstance(said, str)][:1]
            applies = tuple(said is True for said in outcomes)
            if not condition.by_cargo:
                applies *= len(self.cargoes)
            for place, cargo in enumerate(self.cargoes):
                weight = sign * rule.weight_for(cargo) if applies[place] else 0.0
                if weight > weights[place]:
                    weights[place], chosen[place] = weight, rule
            if sign > 0:
                floors += self._floors(rule, applies)
        return Judgement(
            weights=tuple(weights),
            by=tuple(chosen),
            floors=tuple(floors),
            problems=tuple(problems),
        )

    def _floors(self, rule: Rule, applies: tuple[bool, ...]) -> list[JudgedFloor]:
        judged = []
        for floor in rule.floors:
            named = floor.cargoes
            for_cargoes = tuple(
                here and (named is None or cargo in named)
                for here, cargo in zip(applies, self.cargoes, strict=True)
            )
            if any(for_cargoes):
                judged.append(JudgedFloor(rule, floor, for_cargoes))
        return judged


def _thrown(rule: Rule, said: str) -> Problem:
    return Problem(
        rule=rule.id,
        field="/when",
        message=f"the condition failed: {said[:200]}",
        code="fails",
        about=(said[:200],),
    )


class _Bounded(Generic[T]):
    """A dictionary that forgets what was not asked for longest; safe between threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> T | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Hashable, value: T) -> None:
        with self._lock:
            self._kept[key] = value
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)
