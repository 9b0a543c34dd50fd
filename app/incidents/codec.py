"""Incidents and reports as JSON and back: the same value is always the same text.

Written by hand because every report is decoded against some dozens of incidents; what is empty is
left out, so that rows stay small.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.incidents.filed import OUTLETS, FiledReport
from app.incidents.incident import CargoLift, Incident, Status, Tally, Voice
from app.incidents.report import Basis, Family, Range, Report
from app.roads.codec import decode_location, encode_location, filled
from app.roads.geometry import Position
from app.roads.places import Candidate

Json = dict[str, Any]


def to_bytes(value: Mapping[str, Any]) -> bytes:
    """Return JSON in which equal values are equal bytes."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def encode_incident(incident: Incident) -> Json:
    """Return the facts of an incident, without what is empty."""
    return filled(
        {
            "id": incident.id,
            "version": incident.version,
            "kind": incident.kind,
            "family": incident.family.value,
            "status": incident.status.value,
            "occurred_at": _instant(incident.occurred_at),
            "date_precision": incident.date_precision,
            "first_reported_at": _instant(incident.first_reported_at),
            "last_reported_at": _instant(incident.last_reported_at),
            "location": encode_location(incident.location),
            "actor": incident.actor,
            "target": incident.target,
            "cargo": list(incident.cargo),
            "fatalities": _pair(incident.fatalities),
            "abducted": _pair(incident.abducted),
            "vehicles": _pair(incident.vehicles),
            "figures": list(incident.figures),
            "voices": [_encode_voice(voice) for voice in incident.voices],
            "reports": incident.reports,
            "credibility": incident.credibility,
            "certain": incident.certain,
            "only_unknown": incident.only_unknown,
            "verdict_by": incident.verdict_by,
            "resolved_at": incident.resolved_at and _instant(incident.resolved_at),
            "resolved_by": incident.resolved_by,
            "merged_into": incident.merged_into,
            "texts": list(incident.texts),
            "roads": list(incident.roads),
            "kinds": [list(entry) for entry in incident.kinds],
            "days": [list(entry) for entry in incident.days],
            "places": [list(entry) for entry in incident.places],
            "pinned": list(incident.pinned),
            "lifted": [encode_location(part) for part in incident.lifted],
            "lifted_since": incident.lifted_since and _instant(incident.lifted_since),
            "lifted_for": [_encode_lift(lift) for lift in incident.lifted_for],
            "elsewhere": [encode_location(spot) for spot in incident.elsewhere],
            "in_part": incident.in_part or None,
            "promised": incident.promised or None,
            "shut": list(incident.shut),
            "called_off": incident.called_off or None,
            "escorted": incident.escorted or None,
            "starts_at": incident.starts_at and _instant(incident.starts_at),
        }
    )


def decode_incident(facts: Mapping[str, Any]) -> Incident:
    """Return the incident of its facts."""
    get = facts.get
    return Incident(
        id=facts["id"],
        version=facts["version"],
        kind=facts["kind"],
        family=_FAMILY[facts["family"]],
        status=_STATUS[facts["status"]],
        occurred_at=_read_instant(facts["occurred_at"]),
        date_precision=facts["date_precision"],
        first_reported_at=_read_instant(facts["first_reported_at"]),
        last_reported_at=_read_instant(facts["last_reported_at"]),
        location=decode_location(facts["location"]),
        actor=get("actor"),
        target=get("target"),
        cargo=tuple(get("cargo", ())),
        fatalities=_range(get("fatalities")),
        abducted=_range(get("abducted")),
        vehicles=_range(get("vehicles")),
        figures=tuple(get("figures", ())),
        voices=tuple([_decode_voice(voice) for voice in get("voices", ())]),
        reports=facts["reports"],
        credibility=facts["credibility"],
        certain=facts["certain"],
        only_unknown=facts["only_unknown"],
        verdict_by=get("verdict_by"),
        resolved_at=_read_optional(get("resolved_at")),
        resolved_by=get("resolved_by"),
        merged_into=get("merged_into"),
        texts=tuple(get("texts", ())),
        roads=tuple(get("roads", ())),
        kinds=_tally(get("kinds")),
        days=_tally(get("days")),
        places=_tally(get("places")),
        pinned=tuple(get("pinned", ())),
        lifted=tuple([decode_location(part) for part in get("lifted", ())]),
        lifted_since=_read_optional(get("lifted_since")),
        lifted_for=tuple([_decode_lift(lift) for lift in get("lifted_for", ())]),
        elsewhere=tuple([decode_location(spot) for spot in get("elsewhere", ())]),
        in_part=get("in_part", False),
        promised=get("promised", False),
        shut=tuple(get("shut", ())),
        called_off=get("called_off", False),
        escorted=get("escorted", False),
        starts_at=_read_optional(get("starts_at")),
    )


def encode_report(report: Report) -> Json:
    """Return the claim of a report: all but its place and what has a column of its own."""
    return filled(
        {
            "family": report.family.value,
            "place": report.place_text,
            "road": report.road_text,
            "figures": list(report.figures),
            "figures_text": report.figures_text,
            "cargo": list(report.cargo),
            "actor": report.actor,
            "target": report.target,
            "fatalities": _pair(report.fatalities),
            "abducted": _pair(report.abducted),
            "vehicles": _pair(report.vehicles),
            "known_source": report.known_source,
            "reliability": report.reliability,
            "judged": report.judged,
            "marks": list(report.marks),
            "source_name": report.source_name,
            "source_url": report.source_url,
            "language": report.language,
            "starts_at": report.starts_at and _instant(report.starts_at),
            "for_now": report.for_now or None,
        }
    )


def decode_report(
    claim: Mapping[str, Any], location: Mapping[str, Any], columns: Mapping[Any, Any]
) -> Report:
    """Return the report of its claim, its location and the columns of its row."""
    get = claim.get
    return Report(
        id=columns["id"],
        reported_at=columns["reported_at"],
        received_at=columns["received_at"],
        occurred_at=columns["occurred_at"],
        date_precision=columns["date_precision"],
        kind=columns["kind"],
        summary=columns["summary"],
        source_type=columns["source_type"],
        basis=Basis(columns["basis"]),
        origin=columns["origin"],
        location=decode_location(location),
        family=_FAMILY[claim["family"]],
        place_text=get("place"),
        road_text=get("road"),
        figures=tuple(get("figures", ())),
        figures_text=get("figures_text"),
        cargo=tuple(get("cargo", ())),
        actor=get("actor"),
        target=get("target"),
        fatalities=_range(get("fatalities")),
        abducted=_range(get("abducted")),
        vehicles=_range(get("vehicles")),
        known_source=get("known_source", True),
        reliability=get("reliability"),
        judged=get("judged"),
        marks=tuple(get("marks", ())),
        source_name=get("source_name"),
        source_url=get("source_url"),
        language=get("language"),
        starts_at=_read_optional(get("starts_at")),
        for_now=get("for_now", False),
    )


def encode_filed(
    filed: FiledReport,
    *,
    known_source: bool,
    marks: Sequence[str],
    reliability: float | None = None,
    judged: str | None = None,
    backfill: bool = False,
) -> Json:
    """Return a report that could not be placed, so that it can be once a person says where."""
    outlet = filed.source_type in OUTLETS
    return filled(
        {
            "external_id": filed.external_id,
            "place": filed.place,
            "region": filed.region,
            "road": filed.road,
            "km": filed.km,
            "towards": filed.towards,
            "lat": filed.position and filed.position.lat,
            "lon": filed.position and filed.position.lon,
            "precision": filed.precision,
            "figures_text": filed.figures,
            "cargo_text": filed.cargo,
            "actor": filed.actor,
            "target": filed.target,
            "fatalities": _pair(filed.fatalities),
            "abducted": _pair(filed.abducted),
            "vehicles": _pair(filed.vehicles),
            "source_name": filed.source_name if outlet else None,
            "source_url": filed.source_url if outlet else None,
            "language": filed.language,
            "starts_at": filed.starts_at and _instant(filed.starts_at),
            "for_now": filed.for_now or None,
            "known_source": known_source,
            "reliability": reliability,
            "judged": judged,
            "backfill": backfill or None,
            "marks": list(marks),
        }
    )


def decode_filed(claim: Mapping[str, Any], columns: Mapping[Any, Any]) -> FiledReport:
    """Return the filed report of an unplaced row."""
    get = claim.get
    lat, lon = get("lat"), get("lon")
    return FiledReport(
        kind=columns["kind"],
        occurred_at=columns["occurred_at"],
        reported_at=columns["reported_at"],
        date_precision=columns["date_precision"],
        summary=columns["summary"],
        source_type=columns["source_type"],
        basis=Basis(columns["basis"]),
        external_id=get("external_id"),
        place=get("place"),
        region=get("region"),
        road=get("road"),
        km=get("km"),
        towards=get("towards"),
        position=None if lat is None or lon is None else Position(lat, lon),
        precision=get("precision"),
        figures=get("figures_text"),
        cargo=get("cargo_text"),
        actor=get("actor"),
        target=get("target"),
        fatalities=_range(get("fatalities")),
        abducted=_range(get("abducted")),
        vehicles=_range(get("vehicles")),
        source_name=get("source_name"),
        source_url=get("source_url"),
        language=get("language"),
        starts_at=_read_optional(get("starts_at")),
        for_now=get("for_now", False),
    )


def encode_candidate(candidate: Candidate) -> Json:
    """Return a place that may have been meant."""
    return filled(
        {
            "place_id": candidate.place_id,
            "name": candidate.name,
            "country": candidate.country,
            "region": candidate.region,
            "cercle": candidate.cercle,
            "lat": candidate.position.lat,
            "lon": candidate.position.lon,
            "routes": list(candidate.routes),
            "score": candidate.score,
        }
    )


_FAMILY = {family.value: family for family in Family}
_STATUS = {status.value: status for status in Status}


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()


_read_instant = datetime.fromisoformat


def _read_optional(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _pair(figure: Range | None) -> list[int] | None:
    return None if figure is None else [figure.low, figure.high]


def _range(pair: Sequence[int] | None) -> Range | None:
    return None if pair is None else Range(low=pair[0], high=pair[1])


def _tally(entries: Sequence[Sequence[Any]] | None) -> Tally:
    return tuple([(entry[0], entry[1]) for entry in entries or ()])


def _encode_lift(lift: CargoLift) -> Json:
    where = None if lift.where is None else encode_location(lift.where)
    return filled({"cargo": list(lift.cargo), "where": where, "by": lift.by})


def _decode_lift(facts: Mapping[str, Any]) -> CargoLift:
    where = decode_location(facts["where"]) if "where" in facts else None
    return CargoLift(cargo=tuple(facts["cargo"]), where=where, by=facts["by"])


def _encode_voice(voice: Voice) -> list[Any]:
    """Return a voice as a list: there are many, and their names would be most of the row."""
    return [
        voice.origin,
        voice.reliability,
        voice.known,
        voice.reports,
        _instant(voice.first_at),
        list(voice.marks),
    ]


def _decode_voice(facts: Sequence[Any]) -> Voice:
    origin, reliability, known, reports, first_at, marks = facts
    return Voice(
        origin=origin,
        reliability=reliability,
        known=known,
        reports=reports,
        first_at=datetime.fromisoformat(first_at),
        marks=tuple(marks),
    )
