"""Reports and incidents with defaults, and the shipped configuration of this stage."""

import tomllib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.incidents import cargo, kinds, policy
from app.incidents.credibility import hear
from app.incidents.filed import FiledReport
from app.incidents.incident import Incident, Voice
from app.incidents.joining import from_reports
from app.incidents.reading import read_report
from app.incidents.report import Report
from app.incidents.starting import start_of
from app.roads.geometry import Position
from app.roads.places import Location, Shape

CONFIG = Path(__file__).parents[2] / "config"


def _toml(path: str) -> dict[str, Any]:
    return tomllib.loads((CONFIG / path).read_text(encoding="utf-8"))


KINDS = kinds.parse(_toml("kinds.toml"), file="kinds.toml")
CARGOES = cargo.parse(_toml("cargoes.toml"), file="cargoes.toml")
POLICY = policy.parse(_toml("policy/incidents.toml"), file="incidents.toml", cargoes=CARGOES)

#: The day on which the tests' events happen.
NOON = datetime(2025, 9, 14, 12, tzinfo=UTC)
LAKAMANE = Location(
    shape=Shape.POINT,
    position=Position(14.509, -9.909),
    radius_km=2.0,
    label="Lakamané",
    place_id="lakamane",
    country="ML",
    region="Kayes",
    cercle="Diema",
)
SEGALA = replace(
    LAKAMANE, position=Position(14.605, -10.97), label="Segala", place_id="segala", cercle="Kayes"
)
SIKASSO = replace(
    LAKAMANE,
    position=Position(11.317, -5.666),
    label="Sikasso",
    place_id="sikasso",
    region="Sikasso",
    cercle="Sikasso",
)
KAYES_REGION = Location(
    shape=Shape.AREA,
    position=Position(14.447, -11.444),
    radius_km=0.0,
    label="région de Kayes",
    area="region:ML/Kayes",
    country="ML",
    region="Kayes",
)


def a_filed(**changes: Any) -> FiledReport:
    """Return a filed fuel interception at Lakamané."""
    filed = FiledReport(
        kind="fuel_interception",
        occurred_at=NOON,
        reported_at=NOON,
        place="Lakamane",
        summary="Tanker convoy ambushed between Kaniera and Lakamane",
        actor="JNIM",
        target="fuel_convoy",
        cargo="fuel",
        source_name="Radio Kayes",
        source_type="local news",
    )
    return replace(filed, **changes)


def a_report(report_id: str = "r1", **changes: Any) -> Report:
    """Return the report of `a_filed`, by a source of its own unless `origin` is given."""
    own = {"location", "origin", "marks", "known_source", "reliability", "received_at"}
    filed = a_filed(**{name: value for name, value in changes.items() if name not in own})
    return replace(
        _read(
            filed,
            location=changes.get("location", LAKAMANE),
            known_source=changes.get("known_source", True),
            reliability=changes.get("reliability"),
            received_at=changes.get("received_at", filed.reported_at),
        ),
        id=report_id,
        origin=changes.get("origin", f"origin of {report_id}"),
        marks=changes.get("marks", ()),
    )


@lru_cache(maxsize=1024)
def _read(
    filed: FiledReport,
    *,
    location: Location,
    known_source: bool,
    reliability: float | None,
    received_at: datetime,
) -> Report:
    """Read a report once, however many say the same: its words cost more than all else here."""
    return read_report(
        filed,
        report_id="",
        location=location,
        origin="",
        known_source=known_source,
        reliability=reliability,
        received_at=received_at,
        kinds=KINDS,
        cargoes=CARGOES,
        starts_at=start_of(filed, POLICY.starting, UTC),
        denying=POLICY.denying,
    )


def an_incident(*reports: Report, incident_id: str = "i1", **changes: Any) -> Incident:
    """Return the incident that `reports` make; of one `a_report` when there are none."""
    made = from_reports(
        reports or (a_report(),), incident_id=incident_id, policy=POLICY, kinds=KINDS
    )
    return replace(made, **changes)


def voices_of(reports: Iterable[Report]) -> tuple[Voice, ...]:
    """Return the independent voices of `reports`, heard one after the other."""
    voices: tuple[Voice, ...] = ()
    for report in reports:
        voices = hear(voices, report, POLICY.credibility)
    return voices
