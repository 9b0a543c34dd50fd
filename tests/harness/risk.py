"""Incidents near one section, and the shipped rules and policy, for tests of ratings."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.incidents import kinds
from app.incidents.incident import Incident
from app.risk.checking import compile_rules
from app.risk.evidence import SectionEvidence, gather
from app.risk.policy import RiskPolicy
from app.risk.rate import rate
from app.risk.rating import Rating, SectionCargoState
from app.risk.rulebook import RuleBook
from app.risk.rules import Rule, parse_rules
from app.risk.samples import bare_incident
from app.risk.weighing import Exposed
from app.roads.geometry import Position
from app.roads.network import Section
from app.roads.places import Location, Shape

CONFIG = Path(__file__).parents[2] / "config"


def toml(path: str) -> dict[str, Any]:
    return tomllib.loads((CONFIG / path).read_text(encoding="utf-8"))


FAMILIES = {kind.code: kind.family for kind in kinds.parse(toml("kinds.toml"), file="kinds.toml")}
CARGOES = tuple(toml("cargoes.toml"))
POLICY = RiskPolicy.parse(toml("risk.toml"), file="risk.toml")
NOW = datetime(2025, 9, 14, 12, tzinfo=UTC)
SECTION = Section(
    id="diema~sandare",
    start="diema",
    end="sandare",
    start_name="Diéma",
    end_name="Sandaré",
    km=50.0,
    line=(Position(14.55, -9.19), Position(14.72, -10.3)),
    corridors=("ML-DKR-N",),
    areas=frozenset({"country:ML", "region:ML/Kayes", "cercle:ML/Kayes/Diema"}),
    road="RN1",
)
LAKAMANE = Location(
    shape=Shape.POINT,
    position=Position(14.509, -9.909),
    radius_km=2.0,
    label="Lakamané",
    country="ML",
    region="Kayes",
    cercle="Diema",
)
KAYES = replace(
    LAKAMANE, shape=Shape.AREA, radius_km=0.0, label="région de Kayes", area="region:ML/Kayes"
)


def some_rules(*tables: dict[str, Any]) -> tuple[Rule, ...]:
    """Return rules; each table needs only what it is about."""
    full = [
        {"id": f"rule-{n}", "title": f"Rule {n}", "when": "true", **table}
        for n, table in enumerate(tables)
    ]
    rules, problems = parse_rules(full, cargoes=CARGOES)
    assert not problems, problems
    return rules


def book_of(rules: Sequence[Rule], number: int = 1, *, policy: RiskPolicy = POLICY) -> RuleBook:
    return compile_rules(number, rules, families=FAMILIES, cargoes=CARGOES, policy=policy)


SHIPPED = parse_rules(toml("rules.toml")["rule"], cargoes=CARGOES)[0]
BOOK = book_of(SHIPPED)


def an_incident(
    kind: str = "fuel_interception", *, days_ago: float = 0.0, **changes: Any
) -> Incident:
    """Return a well-sourced incident at Lakamané."""
    at = NOW - timedelta(days=days_ago)
    incident = replace(
        bare_incident("incident-1", kind, FAMILIES[kind], LAKAMANE),
        occurred_at=at,
        first_reported_at=at,
        last_reported_at=at,
        credibility=0.8,
    )
    return replace(incident, **changes)


def near(incident: Incident, km: float = 0.0, **changes: Any) -> Exposed:
    """Return the incident as it reaches the section."""
    exposed = Exposed(incident=incident, distance_km=km, known_at=incident.last_reported_at)
    return replace(exposed, **changes)


def evidence_of(*incidents: Incident | Exposed, book: RuleBook = BOOK) -> SectionEvidence:
    """Return the section's evidence; incidents get ids of their own."""
    exposed = [
        one
        if isinstance(one, Exposed)
        else near(replace(one, id=f"incident-{n}") if one.id == "incident-1" else one)
        for n, one in enumerate(incidents)
    ]
    return gather(SECTION, exposed, book)


def a_state(level: Any, **changes: Any) -> SectionCargoState:
    """Return a rating that was made an hour ago."""
    state = SectionCargoState(
        level=level,
        score=10.0,
        since=NOW - timedelta(days=1),
        calm_since=None,
        evidence_at=None,
        positive_at=None,
        rated_at=NOW - timedelta(hours=1),
    )
    return replace(state, **changes)


def rate_all(
    evidence: SectionEvidence,
    *,
    now: datetime,
    before: Iterable[tuple[str, SectionCargoState]] = (),
    explain: bool = False,
) -> dict[str, Rating]:
    """Return the rating for every cargo of the book."""
    known = dict(before)
    return {
        cargo: rate(evidence, cargo, now=now, before=known.get(cargo), explain=explain)
        for cargo in evidence.book.cargoes
    }
