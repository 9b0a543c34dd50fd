"""What is shown of routes: levels, and a rating that explains itself, now or as known then."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.core.levels import Level
from app.flows.context import Context
from app.flows.rating import rule_books
from app.flows.rating.ratings import evidence_of
from app.flows.readers.answers import contradiction_out, factors_out, reasons_in_words
from app.flows.readers.outside import told_outside
from app.flows.wire import contribution_out, each_once
from app.risk import store as risk_store
from app.risk.contradictions import contradictions
from app.risk.evidence import SectionEvidence, gather
from app.risk.rate import others, rate
from app.risk.rating import Rating, RouteState
from app.risk.rulebook import RuleBook
from app.roads.network import Corridor, Network


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteShown:
    """A route and its states by cargo; those never rated are absent."""

    corridor: Corridor
    states: Mapping[str, RouteState]

    @property
    def worst(self) -> int:
        """Return the rank of its worst level for any cargo."""
        return max((state.level.rank for state in self.states.values()), default=Level.UNKNOWN.rank)


def all_routes(conn: Connection, context: Context) -> list[RouteShown]:
    """Return every route, the most dangerous first; of equals in the order of the network."""
    states = risk_store.route_states(conn)
    cargoes = context.config.cargoes.codes
    shown = [
        RouteShown(
            corridor=corridor,
            states={cargo: states[code, cargo] for cargo in cargoes if (code, cargo) in states},
        )
        for code, corridor in context.config.network.corridors.items()
    ]
    return sorted(shown, key=lambda one: -one.worst)


def one_route(
    conn: Connection, corridor: Corridor, context: Context
) -> tuple[RouteShown, dict[str, dict[str, Level]]]:
    """Return a route, and the levels of its sections by section and cargo."""
    states = risk_store.route_states(conn, [corridor.code])
    sections = risk_store.section_states(conn, corridor.section_ids)
    cargoes = context.config.cargoes.codes
    levels = {}
    for section_id in corridor.section_ids:
        known = sections[section_id].cargoes if section_id in sections else {}
        levels[section_id] = {
            cargo: known[cargo].level if cargo in known else Level.UNKNOWN for cargo in cargoes
        }
    shown = RouteShown(corridor=corridor, states={cargo: one for (_, cargo), one in states.items()})
    return shown, levels


def rating(
    conn: Connection,
    corridor: Corridor,
    cargo: str,
    *,
    at: datetime | None,
    language: str,
    context: Context,
    now: datetime,
    coarse: bool = False,
) -> dict[str, Any]:
    """Return a route's rating for a cargo, section by section, with every reason.

    `coarse`: in words for others than the desk, who are not told when a convoy passed.

    For an earlier instant the evidence is what was known then, and the levels are those that held
    then: nothing learnt later changes them.
    """
    then = at if at is not None else now
    if at is None:
        rated = rated_now(conn, corridor, cargo, context=context, now=now)
    else:
        rated = _rated_then(conn, corridor, cargo, at=at, context=context)
    worst = max(rated, key=lambda one: (one.level.rank, one.rating.score))
    since = _since(conn, corridor.code, cargo, worst, at=then)
    if coarse:
        kinds = context.config.kinds
        rated = [replace(one, rating=told_outside(one.rating, kinds)) for one in rated]
        worst = replace(worst, rating=told_outside(worst.rating, kinds))
    disputed = [
        contradiction_out(
            pair, one.rating.section_id, context.config, language, coarse=coarse, now=then
        )
        for one in rated
        for pair in contradictions(one.evidence, one.evidence.book.cargoes.index(cargo), now=then)
    ]
    return {
        "route": corridor.code,
        "cargo": cargo,
        "at": then,
        "level": worst.level,
        "score": worst.rating.score,
        "since": since,
        "section": worst.rating.section_id,
        "rule_set": worst.rating.rule_set,
        "reasons": reasons_in_words(
            worst.rating, worst.evidence, context.config, language=language, coarse=coarse
        ),
        "factors": factors_out(
            worst.rating, worst.evidence, context.config, language=language, coarse=coarse
        ),
        "contradictions": each_once(disputed) if coarse else disputed,
        "sections": [_section_out(one, context, language, coarse=coarse) for one in rated],
    }


@dataclass(frozen=True, slots=True)
class Rated:
    """A section's rating, the evidence behind it, and the level that is shown."""

    rating: Rating
    evidence: SectionEvidence
    level: Level


def rated_now(
    conn: Connection, corridor: Corridor, cargo: str, *, context: Context, now: datetime
) -> list[Rated]:
    """Return the ratings of a route's sections for a cargo, in order, each with its reasons."""
    book = rule_books.active_book(conn, context)
    states = risk_store.section_states(conn, corridor.section_ids)
    evidence = evidence_of(
        conn,
        dict.fromkeys(corridor.section_ids, ()),
        states,
        book=book,
        context=context,
        now=now,
    )
    rated = []
    for section_id in corridor.section_ids:
        state = states.get(section_id)
        before = state.cargoes.get(cargo) if state is not None else None
        known = evidence[section_id]
        rating = rate(known, cargo, now=now, before=before, explain=True)
        rated.append(Rated(rating, known, rating.level))
    return rated


def evidence_then(
    conn: Connection, section_id: str, book: RuleBook, *, at: datetime, network: Network
) -> SectionEvidence:
    """Return what was known of a section at an earlier instant, as the rules of `book` weigh it."""
    known = risk_store.evidence_at(
        conn,
        section_id,
        at=at,
        memory_days=book.policy.memory_days,
        reach=lambda spots: network.reach_any(spots, book.reach_km),
    )
    return gather(network.sections[section_id], known, book)


def _rated_then(
    conn: Connection, corridor: Corridor, cargo: str, *, at: datetime, context: Context
) -> list[Rated]:
    book = rule_books.book_at(conn, at, context)
    network = context.config.network
    rated = []
    for section_id in corridor.section_ids:
        evidence = evidence_then(conn, section_id, book, at=at, network=network)
        rating = rate(evidence, cargo, now=at, explain=True)
        held = risk_store.find_level_at(conn, f"section:{section_id}", cargo, at=at)
        rated.append(Rated(rating, evidence, held.after if held is not None else Level.UNKNOWN))
    return rated


def _since(
    conn: Connection, code: str, cargo: str, worst: Rated, *, at: datetime
) -> datetime | None:
    held = risk_store.find_level_at(conn, f"route:{code}", cargo, at=at)
    return held.at if held is not None and held.after is worst.level else None


def _section_out(one: Rated, context: Context, language: str, *, coarse: bool) -> dict[str, Any]:
    section = context.config.network.sections[one.rating.section_id]
    rating = one.rating
    return {
        "id": section.id,
        "start": section.start_name,
        "end": section.end_name,
        "level": one.level.value,
        "raw_level": rating.raw_level.value,
        "score": rating.score,
        "hazard": rating.hazard,
        "prior": rating.prior,
        "others": others(rating),
        "spoke": rating.spoke,
        "evidence_at": None if coarse and rating.by_day else rating.evidence_at,
        "positive_at": rating.positive_at,
        "contributions": [contribution_out(each) for each in rating.contributions],
        "reasons": reasons_in_words(
            rating, one.evidence, context.config, language=language, coarse=coarse
        )
        if rating.contributions
        else [],
    }
