"""A journey as the API shows it: every section with its rating, what closes it, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.alerts import dates
from app.config import Config
from app.flows.readers.answers import labels_of
from app.flows.wire import each_once, is_secret
from app.incidents.incident import Incident, Status
from app.risk.journeys import Journey, Leg
from app.risk.kept import LevelChange
from app.risk.rating import Closure
from app.risk.road_graph import Crossing, RoadGraph

#: Reasons told of a section: what weighs most in its level.
_REASONS = 2
#: Of them some may be over by now.
_LOOKED_UP = 4
#: Of what is no danger any more nothing is told.
OVER = frozenset({Status.REFUTED, Status.MERGED, Status.RESOLVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What may be told of sections, and in which words.

    Attributes:
        at: When it is read.
        full: For the desk: others are not told when good news came, which tells where a convoy is.
        changes: How sections got their levels.
        incidents: As known at `at`.
        titles: Of rules, by id.
    """

    config: Config
    language: str
    at: datetime
    full: bool
    changes: Mapping[str, LevelChange]
    incidents: Mapping[str, Incident]
    titles: Mapping[str, str]

    def heard_at(self, leg: Leg) -> datetime | None:
        """Return when a section was last heard of, as far as it may be told."""
        if not self.full and leg.by_day:
            return None
        return leg.evidence_at

    def last_news_at(self, journey: Journey) -> datetime | None:
        """Return when any of it was last heard of, as far as it may be told."""
        heard = [self.heard_at(leg) for leg in journey.legs]
        heard += [closure.heard_at for leg in journey.legs for closure in leg.closures]
        return max(filter(None, heard), default=None)

    def reasons(self, leg: Leg) -> list[dict[str, Any]]:
        """Return in brief why a section has its level: what weighs most, unless it is over."""
        change = self.changes.get(leg.piece.section_id)
        if change is None:
            return []
        told = []
        for one in leading(change):
            incident = self.incidents.get(one["incident"])
            if incident is None or incident.status in OVER:
                continue
            told.append(self._reason(incident, leg, one["rule"], one["title"]))
        return each_once(told)[:_REASONS]

    def closure(self, closure: Closure, leg: Leg) -> dict[str, Any]:
        """Return what closes a section."""
        incident = self.incidents.get(closure.incident_id)
        words = (
            self._reason(incident, leg, closure.rule_id, closure.rule_id)
            if incident is not None
            else {"incident": closure.incident_id, "kind": closure.kind, "text": closure.kind}
        )
        return {
            **words,
            "until": closure.until,
            "until_lifted": closure.lifted,
            "heard_at": closure.heard_at,
        }

    def _reason(self, incident: Incident, leg: Leg, rule: str, title: str) -> dict[str, Any]:
        section_id = leg.piece.section_id
        label = labels_of([incident], section_id, self.config, language=self.language)[incident.id]
        place = f" ({label.place})" if label.place else ""
        day = ""
        if not is_secret(incident):
            local = incident.occurred_at.astimezone(self.config.alerts.zone)
            texts = self.config.templates.language(self.language).texts
            day = f", {dates.date(local, texts)}"
        return {
            "incident": None if is_secret(incident) and not self.full else incident.id,
            "kind": incident.kind,
            "text": f"{label.kind}{place}{day}: {self.titles.get(rule, title)}",
        }


def leading(change: LevelChange) -> list[Mapping[str, Any]]:
    """Return what made a level, as kept with the change: what holds it before what adds to it.

    Few are enough to tell some: each is an incident to look up.
    """
    dangers = [one for one in change.reasons.get("contributions", ()) if not one["cleared"]]
    dangers.sort(key=lambda one: one["floor"] != change.after.value)
    return dangers[:_LOOKED_UP]


def journey_out(
    journey: Journey, rank: int, graph: RoadGraph, told: Told, *, depart_at: datetime
) -> dict[str, Any]:
    """Return a journey in full."""
    sections = [_leg_out(leg, graph, told) for leg in journey.legs]
    worst = sections[journey.legs.index(journey.worst)]
    heard = [at for leg in journey.legs if (at := told.heard_at(leg)) is not None]
    return {
        "rank": rank,
        "open": journey.open,
        "level": journey.level,
        "score": journey.score,
        "danger": journey.danger,
        "km": round(journey.metres / 1_000, 1),
        "unknown_km": round(journey.unknown_metres / 1_000, 1),
        "hours": round(journey.hours, 1),
        "border_hours": round(journey.wait_hours, 1),
        "arrive_at": depart_at + timedelta(hours=journey.hours),
        "via": list(journey.via),
        "countries": list(journey.countries),
        "borders": [_crossing_out(one, leg) for leg in journey.legs for one in leg.crossings],
        "last_news_at": told.last_news_at(journey),
        "oldest_news_at": min(heard, default=None),
        "worst": {
            "id": worst["id"],
            "start": worst["start"],
            "end": worst["end"],
            "level": worst["level"],
            "score": worst["score"],
        },
        "sections": sections,
    }


def _crossing_out(crossing: Crossing, leg: Leg) -> dict[str, Any]:
    return {
        "towns": list(crossing.towns),
        "countries": list(crossing.countries),
        "closed": bool(leg.closures),
    }


def _leg_out(leg: Leg, graph: RoadGraph, told: Told) -> dict[str, Any]:
    section = graph.links[leg.piece.section_id].section
    start, end = section.start_name, section.end_name
    heard = told.heard_at(leg)
    return {
        "id": section.id,
        "start": start if leg.piece.along else end,
        "end": end if leg.piece.along else start,
        "part": section.part[0] if section.part[1] > 1 else None,
        "km": round(leg.metres / 1_000, 1),
        "share": round(leg.share, 3),
        "hours": round(leg.hours, 1),
        "road": section.road,
        "routes": list(section.corridors),
        "schematic": section.schematic,
        "level": leg.level,
        "score": leg.score,
        "evidence_at": heard,
        "evidence_age_hours": None
        if heard is None
        else round((told.at - heard).total_seconds() / 3_600, 1),
        "reasons": told.reasons(leg),
        "closed_by": [told.closure(one, leg) for one in leg.closures],
    }
