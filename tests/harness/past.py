"""Incidents of the past on real roads, and what was known of them when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app.config import Config
from app.incidents.incident import Incident
from app.risk.past import Version
from app.roads.network import Section
from tests.harness.api import shipped_config
from tests.harness.risk import LAKAMANE, NOW, an_incident

CONFIG: Config = shipped_config()
NETWORK = CONFIG.network


def the_section() -> Section:
    """Return the section nearest to Lakamané."""
    return NETWORK.sections[NETWORK.sections_within(LAKAMANE.position, 50.0)[0][0]]


def number_of(section: Section) -> int:
    return list(NETWORK.sections).index(section.id)


def told(incident: Incident, *, hours: float = 6.0, **changes: Any) -> Version:
    """Return an incident as first known some hours after it happened."""
    known_at: datetime = incident.occurred_at + timedelta(hours=hours)
    return Version(incident=replace(incident, **changes), known_at=known_at)


def attacks(*days_ago: float, kind: str = "vehicle_attack") -> Sequence[Version]:
    """Return attacks at Lakamané so many days before NOW, in the order known."""
    found = [
        told(an_incident(kind, days_ago=days, id=f"attack-{n}", credibility=1.0))
        for n, days in enumerate(days_ago)
    ]
    return sorted(found, key=lambda version: version.known_at)


def days(instant: datetime = NOW) -> float:
    return instant.timestamp() / 86_400.0
