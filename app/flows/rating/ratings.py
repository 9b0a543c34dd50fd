"""Sections and routes rated again, and stored: half of `assess`."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from app.core.ids import new_id
from app.core.levels import Level
from app.flows.context import Context
from app.flows.rating import rule_books
from app.flows.rating.failed_rules import tell_failed
from app.flows.wire import reasons_out
from app.risk import store as risk_store
from app.risk.closures import closures_of
from app.risk.evidence import SectionEvidence, gather
from app.risk.kept import LevelChange, SectionState
from app.risk.rate import is_restless, rate, state_of
from app.risk.rating import Closure, Rating, RouteState, SectionCargoState
from app.risk.rulebook import RuleBook
from app.risk.store import Bounds, Reaching
from app.risk.weighing import Exposed
from app.roads.network import Section

#: Sections whose past is read together.
_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Rated:
    """A section rated again: its evidence, the states before, and the ratings now, by cargo.

    Attributes:
        afresh: Rated without hysteresis: a person changed the rules, or what had been told.
        closures: What closes it now, by cargo.
    """

    evidence: SectionEvidence
    before: Mapping[str, SectionCargoState]
    ratings: Mapping[str, Rating]
    afresh: bool = False
    closures: Mapping[str, tuple[Closure, ...]] = field(default_factory=dict)
    _explained: dict[str, Rating] = field(default_factory=dict, compare=False, repr=False)

    def level_before(self, cargo: str) -> Level:
        """Return the level before, `unknown` for a section never rated."""
        known = self.before.get(cargo)
        return known.level if known is not None else Level.UNKNOWN

    def is_closed(self, cargo: str) -> bool:
        """Return whether something closes it."""
        return bool(self.closures.get(cargo))

    def closed_now(self, cargo: str) -> bool:
        """Return whether something closes it that did not before."""
        known = self.before.get(cargo)
        held = {one.incident_id for one in known.closures} if known is not None else set()
        return any(one.incident_id not in held for one in self.closures.get(cargo, ()))

    def explained(self, cargo: str) -> Rating:
        """Return the rating for `cargo` with its reasons; asked by every route, made once."""
        known = self._explained.get(cargo)
        if known is None:
            now = self.ratings[cargo].at
            before = self.before.get(cargo)
            known = rate(
                self.evidence, cargo, now=now, before=before, explain=True, afresh=self.afresh
            )
            self._explained[cargo] = known
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRated:
    """A route rated again for one cargo: its state now, and before (None: never rated)."""

    state: RouteState
    before: RouteState | None

    @property
    def level_before(self) -> Level:
        """Return the level before, `unknown` for a route never rated."""
        return self.before.level if self.before is not None else Level.UNKNOWN


def rate_sections(
    conn: Connection,
    touched: Mapping[str, Sequence[Exposed]],
    *,
    book: RuleBook,
    context: Context,
    now: datetime,
    afresh: Collection[str],
) -> dict[str, Rated]:
    """Return the new ratings of every section touched, stored with every change of level.

    `touched`: section id -> incidents that are new to it or have changed; already on disk.
    `afresh`: those without hysteresis, see `Rated`.
    """
    states = states_of(conn, touched, context)
    evidence = evidence_of(conn, touched, states, book=book, context=context, now=now)
    tell_failed(conn, evidence.values(), touched, rule_set=book.number, now=now)
    rated: dict[str, Rated] = {}
    kept: list[SectionState] = []
    for section_id, known in evidence.items():
        state = states.get(section_id)
        before = state.cargoes if state is not None else {}
        ratings = {
            cargo: rate(
                known, cargo, now=now, before=before.get(cargo), afresh=section_id in afresh
            )
            for cargo in book.cargoes
        }
        policy = context.config.journeys.closed
        closures = {one: closures_of(known, one, policy=policy, now=now) for one in book.cargoes}
        rated[section_id] = Rated(known, before, ratings, section_id in afresh, closures)
        new = SectionState(
            section_id=section_id,
            token=risk_store.new_token(now),
            rated_at=now,
            restless=is_restless(ratings.values()),
            cargoes={
                cargo: replace(state_of(one), closures=closures[cargo])
                for cargo, one in ratings.items()
            },
        )
        context.evidence.put(new.token, known)
        context.states.put(new)
        kept.append(new)
    risk_store.put_section_states(conn, kept)
    risk_store.keep_pasts(conn, list(evidence.values()))
    risk_store.add_level_changes(
        conn,
        [
            _section_change(one, cargo, now=now)
            for one in rated.values()
            for cargo in book.cargoes
            if _changed(one, cargo)
        ],
    )
    return rated


def states_of(
    conn: Connection, section_ids: Collection[str], context: Context
) -> dict[str, SectionState]:
    """Return the states of those sections that have one, read where this process has them not."""
    return _known_or_read(conn, risk_store.section_tokens(conn, section_ids), context)


def cargo_states(conn: Connection, cargo: str, context: Context) -> dict[str, SectionCargoState]:
    """Return the state for one cargo of every section that was ever rated for it."""
    states = _known_or_read(conn, risk_store.section_tokens(conn), context)
    return {
        section_id: state.cargoes[cargo]
        for section_id, state in states.items()
        if cargo in state.cargoes
    }


def _known_or_read(
    conn: Connection, tokens: Mapping[str, str], context: Context
) -> dict[str, SectionState]:
    found: dict[str, SectionState] = {}
    for section_id, token in tokens.items():
        if (known := context.states.get(token, section_id)) is not None:
            found[section_id] = known
    if missing := [section_id for section_id in tokens if section_id not in found]:
        for state in risk_store.section_states(conn, missing).values():
            context.states.put(state)
            found[state.section_id] = state
    return found


def evidence_of(
    conn: Connection,
    touched: Mapping[str, Sequence[Exposed]],
    states: Mapping[str, SectionState],
    *,
    book: RuleBook,
    context: Context,
    now: datetime,
) -> dict[str, SectionEvidence]:
    """Return each section's evidence, with the changed incidents in it.

    What this process remembers of a section is good while its token is the same: it is extended.
    The rest is loaded; the changed incidents are on disk by now.
    """
    found: dict[str, SectionEvidence] = {}
    for section_id, changed in touched.items():
        state = states.get(section_id)
        if state is None:
            continue
        known = context.evidence.get(state.token, section_id, rule_set=book.number)
        if known is not None and known.can_take(changed):
            found[section_id] = known.with_incidents(changed)
    missing = {one: changed for one, changed in touched.items() if one not in found}
    return found | _read_evidence(conn, missing, book=book, context=context, now=now)


def _read_evidence(
    conn: Connection,
    touched: Mapping[str, Sequence[Exposed]],
    *,
    book: RuleBook,
    context: Context,
    now: datetime,
) -> dict[str, SectionEvidence]:
    """Return the evidence of sections from the database, as far as this process has it not.

    Where another process has rated since, what it changed is read and the rest taken from memory.
    """
    bounds = rule_books.bounds_of(book)
    before = {
        section_id: last
        for section_id in touched
        if (last := context.evidence.last(section_id, rule_set=book.number)) is not None
    }
    found: dict[str, SectionEvidence] = {}
    if before:
        changes = risk_store.load_changes(conn, before, touched, now=now, bounds=bounds)
        found = {
            one: before[one].with_incidents(new)
            for one, new in changes.items()
            if before[one].can_take(new)
        }
    unknown = {one: changed for one, changed in touched.items() if one not in found}
    return found | dict(
        read_anew(conn, unknown, book=book, bounds=bounds, context=context, now=now)
    )


def read_anew(
    conn: Connection,
    touched: Mapping[str, Sequence[Exposed]],
    *,
    book: RuleBook,
    bounds: Bounds,
    context: Context,
    now: datetime,
) -> Iterator[tuple[str, SectionEvidence]]:
    """Yield sections with their evidence, a few at a time: ten years may have to be read of each.

    Neighbours come together: most of what reaches one reaches the next.
    """
    sections, ids = context.config.network.sections, sorted(touched)
    for start in range(0, len(ids), _AT_ONCE):
        part = {one: touched[one] for one in ids[start : start + _AT_ONCE]}
        loaded = risk_store.load_evidence(conn, part, now=now, bounds=bounds)
        for section_id, reaching in loaded.items():
            yield section_id, gathered(sections[section_id], reaching, book)


def gathered(section: Section, reaching: Reaching, book: RuleBook) -> SectionEvidence:
    """Return the evidence of a section from what the database has of it."""
    return gather(section, reaching.exposed, book, beyond=reaching.beyond)


def rate_routes(
    conn: Connection,
    rated: Mapping[str, Rated],
    *,
    book: RuleBook,
    context: Context,
    now: datetime,
    waiting: Collection[str] = (),
    answered: Callable[[Level, str], bool] = lambda _level, _cargo: False,
) -> list[RouteRated]:
    """Return every route that uses a rated section, for every cargo; stored where changed.

    The other sections of a route are read only where its worst one has become calmer. `waiting`:
    sections that are still to be rated by the rules in force: so are their routes. `answered`:
    whether evidence brought a route to a level; kept with the change, for its all-clear.
    """
    network = context.config.network
    later = {code for section_id in waiting for code in network.routes_of(section_id)}
    codes = sorted({code for one in rated for code in network.routes_of(one)} - later)
    before = risk_store.route_states(conn, codes)
    others = _Others(conn, rated, context)
    routes = [
        RouteRated(
            state=_route_state(code, cargo, before.get((code, cargo)), others, now=now),
            before=before.get((code, cargo)),
        )
        for code in codes
        for cargo in book.cargoes
    ]
    risk_store.put_route_states(conn, [one.state for one in routes if one.state != one.before])
    risk_store.add_level_changes(
        conn,
        [
            LevelChange(
                id=new_id(now),
                at=now,
                subject=f"route:{one.state.route}",
                cargo=one.state.cargo,
                before=one.level_before,
                after=one.state.level,
                score=one.state.score,
                rule_set=book.number,
                reasons={
                    "section": one.state.worst_section,
                    "answered": answered(one.state.level, one.state.cargo),
                },
            )
            for one in routes
            if one.state.level is not one.level_before
        ],
    )
    return routes


class _Others:
    """The ratings of a route's sections: those rated now, and the states of the rest."""

    def __init__(self, conn: Connection, rated: Mapping[str, Rated], context: Context) -> None:
        self._conn = conn
        self._rated = rated
        self._context = context
        self._corridors = context.config.network.corridors
        self._states: dict[str, dict[str, SectionState]] = {}

    def rated(self, code: str, cargo: str) -> list[tuple[Level, float, str]]:
        """Return (level, score, section) of the sections rated now."""
        return [
            (self._rated[one].ratings[cargo].level, self._rated[one].ratings[cargo].score, one)
            for one in self._corridors[code].section_ids
            if one in self._rated
        ]

    def holds(self, section_id: str | None) -> bool:
        """Return whether the section was rated now."""
        return section_id is None or section_id in self._rated

    def all(self, code: str, cargo: str) -> list[tuple[Level, float, str]]:
        """Return (level, score, section) of every section; those never rated are unknown."""
        ids = self._corridors[code].section_ids
        if code not in self._states:
            rest = [one for one in ids if one not in self._rated]
            self._states[code] = states_of(self._conn, rest, self._context)
        found = self.rated(code, cargo)
        for one in ids:
            if one not in self._rated:
                state = self._states[code].get(one)
                known = state.cargoes.get(cargo) if state is not None else None
                found.append(
                    (known.level, known.score, one) if known else (Level.UNKNOWN, 0.0, one)
                )
        return found


def _route_state(
    code: str, cargo: str, before: RouteState | None, others: _Others, *, now: datetime
) -> RouteState:
    worst = max(others.rated(code, cargo), key=_badness)
    if before is None or worst[0].rank < before.level.rank:
        if before is not None and not others.holds(before.worst_section):
            return before
        worst = max(others.all(code, cargo), key=_badness)
    if before is not None and before.level is worst[0]:
        same = before.worst_section == worst[2] and before.score == worst[1]
        if same or (before.score > worst[1] and not others.holds(before.worst_section)):
            return before
    since = before.since if before is not None and before.level is worst[0] else now
    return RouteState(
        route=code,
        cargo=cargo,
        level=worst[0],
        score=worst[1],
        worst_section=worst[2],
        since=since,
        rated_at=now,
    )


def _badness(one: tuple[Level, float, str]) -> tuple[int, float]:
    return one[0].rank, one[1]


def _changed(one: Rated, cargo: str) -> bool:
    return one.ratings[cargo].level is not one.level_before(cargo)


def _section_change(one: Rated, cargo: str, *, now: datetime) -> LevelChange:
    rating = one.explained(cargo)
    return LevelChange(
        id=new_id(now),
        at=now,
        subject=f"section:{rating.section_id}",
        cargo=cargo,
        before=one.level_before(cargo),
        after=rating.level,
        score=rating.score,
        rule_set=rating.rule_set,
        reasons=reasons_out(rating),
    )
