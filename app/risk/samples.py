"""Incidents and roads made up to try rules on: samples of every kind, and examples of an admin."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from app.incidents.incident import Incident, Status
from app.incidents.report import Family, Range
from app.risk.rulebook import Recent
from app.roads.geometry import Position
from app.roads.network import Section
from app.roads.places import Location, Shape

#: When samples happen and are rated.
WHEN = datetime(2025, 9, 14, 12, tzinfo=UTC)
#: A road on which everything is known, and one of which hardly anything is.
ROAD = Section(
    id="diema~kayes",
    start="diema",
    end="kayes",
    start_name="Diéma",
    end_name="Kayes",
    km=50.0,
    line=(Position(14.55, -9.19), Position(14.45, -11.43)),
    corridors=("ML-DKR-N",),
    areas=frozenset({"country:ML", "region:ML/Kayes", "cercle:ML/Kayes/Diéma"}),
    road="RN1",
)
TRACK = replace(ROAD, id="track", road=None, km=1.0, areas=frozenset())
BUSY, CALM = Recent(1, 1, 1, 1), Recent()
SPOT = Location(shape=Shape.POINT, position=Position(14.5, -9.9), radius_km=2.0, label="Lakamané")
AREA = replace(SPOT, shape=Shape.AREA, radius_km=0.0, area="region:ML/Kayes", region="Kayes")


def samples(families: Mapping[str, Family]) -> list[Incident]:
    """Return incidents of every kind: bare, grave on a spot, and of a whole area."""
    found = []
    for kind, family in families.items():
        bare = bare_incident(f"sample-{kind}-bare", kind, family)
        grave = replace(
            bare,
            id=f"sample-{kind}-grave",
            status=Status.CONFIRMED,
            actor="JNIM",
            target="fuel_convoy",
            cargo=("fuel",),
            fatalities=Range(low=1, high=3),
            abducted=Range(low=1, high=6),
            vehicles=Range(low=20, high=130),
            certain=True,
        )
        found += [bare, grave, replace(grave, id=f"sample-{kind}-area", location=AREA)]
    return found


def bare_incident(name: str, kind: str, family: Family, where: Location = SPOT) -> Incident:
    """Return an incident of which no more than its kind and place is known, and fully believed."""
    return Incident(
        id=name,
        version=1,
        kind=kind,
        family=family,
        status=Status.OPEN,
        occurred_at=WHEN,
        date_precision="instant",
        first_reported_at=WHEN,
        last_reported_at=WHEN,
        location=where,
        actor=None,
        target=None,
        cargo=(),
        fatalities=None,
        abducted=None,
        vehicles=None,
        figures=(),
        voices=(),
        reports=1,
        credibility=1.0,
        certain=False,
        only_unknown=False,
    )
