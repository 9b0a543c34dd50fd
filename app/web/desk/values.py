"""What the pages of the desk print: incidents, alerts and reports in a moderator's words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.alerts.records import StoredAlert
from app.alerts.titles import title_of
from app.config import Config
from app.flows.desk.desk_file import Alike, IncidentFile
from app.flows.desk.desk_inbox import Waiting
from app.incidents.filed import FiledReport
from app.incidents.incident import Incident
from app.incidents.incident import Status as Held
from app.incidents.report import DENIED, Family, Range, Report
from app.incidents.store import Hold
from app.incidents.verdicts import by_evidence
from app.roads.places import Location
from app.subscribers.store.forced import Forced
from app.web.desk.told import told_values
from app.web.speaking import Words, sentence

#: Summaries side by side, of each incident.
_MOST_SAID = 4
#: What a person may hold of an incident, by what the form calls it.
_VERDICTS = {"confirm": Held.CONFIRMED, "refute": Held.REFUTED, "resolve": Held.RESOLVED}


def named(incident: Incident, words: Words) -> str:
    """Return what happened and where: "Interception de carburant, Lakamané"."""
    kind = sentence(words.kind(incident.kind))
    if incident.starts_at is not None:
        kind = words("announced_from", kind=kind, date=words.date(incident.starts_at))
    place = words.spot(incident.location.label, incident.location.km_from_place)
    return f"{kind}, {place}" if place else kind


def named_out(incident: Mapping[str, Any], words: Words) -> str:
    """Return the same of an incident as flows answer with it."""
    kind, where = sentence(words.kind(incident["kind"])), incident["location"]
    place = words.spot(where["label"], where["place_km"])
    return f"{kind}, {place}" if place else kind


def route_of(alert: StoredAlert, words: Words, config: Config) -> str:
    """Return the road and the cargo of an alert."""
    corridor = config.network.corridors.get(alert.route)
    title = title_of(corridor.title) if corridor is not None else alert.route
    return f"{title}, {words.cargo(alert.cargo)}"


def roads_of(alerts: Sequence[StoredAlert], words: Words, config: Config) -> list[str]:
    """Return the roads of alerts, each once with its cargoes."""
    cargoes: dict[str, list[str]] = {}
    for one in alerts:
        corridor = config.network.corridors.get(one.route)
        title = title_of(corridor.title) if corridor is not None else one.route
        cargoes.setdefault(title, []).append(words.cargo(one.cargo))
    return [f"{title}, {', '.join(names)}" for title, names in cargoes.items()]


def asked_place(one: Waiting, words: Words) -> str:
    """Return what a report said of where."""
    filed = one.report.filed
    if filed is None:
        return ""
    road = f"{filed.road} km {words.number(filed.km)}" if filed.road and filed.km else filed.road
    return " / ".join(part for part in (filed.place, road, filed.region) if part)


def forced_words(one: Forced, words: Words) -> str:
    """Return whose phone or key may be in the hands of others: nobody is named."""
    if one.phone_index is None and one.inbound_id is None:
        return words("forced_key", id=one.key_id or "")
    return words("forced_phone_key" if one.key_id else "forced_phone")


def sources(one: Incident, words: Words) -> str:
    """Return how many independent sources say so; whoever denies it is none of them."""
    denying = sum(voice.reliability == DENIED for voice in one.voices)
    telling = words.many("sources", len(one.voices) - denying)
    return f"{telling}, {words.many('denials', denying)}" if denying else telling


def _verdicts(found: IncidentFile) -> list[str]:
    """Return what a person may hold of an incident: not what one holds already.

    But that a danger is true may be said again where somebody denies it, and that it is over where
    only good news says so: then its all-clear waits no longer.
    """
    by_person = found.incident.verdict_by and not by_evidence(found.incident)
    said = found.incident.status if by_person else None
    denied = any(report.reliability == DENIED for report in found.reports)
    return [
        name
        for name, status in _VERDICTS.items()
        if status is not said or (status is Held.CONFIRMED and denied)
    ]


def file_values(
    found: IncidentFile, words: Words, config: Config, *, holder: str, now: datetime
) -> dict[str, Any]:
    """Return what the template of an incident prints."""
    one = found.incident
    return {
        "title": named(one, words),
        "incident": one,
        "facts": facts_of(one, words, now),
        "stands": words(f"status_{one.status.value}"),
        "verdicts": [(name, words(f"do_{name}")) for name in _verdicts(found)],
        "settled": one.status in {Held.REFUTED, Held.RESOLVED, Held.MERGED},
        "merged": one.merged_into,
        "told": words.many("people_told", found.told),
        "reports": [_report(report, words, now) for report in found.reports],
        "alerts": told_values(found, words, config, now=now),
        "quotes": _said_of(found.reports, words),
        "alike": [_alike(other, words, now) for other in found.alike],
        "history": [
            {
                "at": known_at,
                "when": words.moment(known_at, now),
                "who": _cause(cause, words),
                "what": f"{words(f'status_{then.status.value}')}, {named(then, words)}",
            }
            for known_at, cause, then in reversed(found.history)
        ],
        "closes": found.incident.family is Family.CLOSURE,
        "kinds": [(code, sentence(words.kind(code))) for code in config.kinds.by_code],
        **hold_values(found.hold, words, holder=holder, now=now),
    }


def hold_values(hold: Hold | None, words: Words, *, holder: str, now: datetime) -> dict[str, Any]:
    """Return who works on it, and whether that is this browser."""
    if hold is None:
        return {"hold": "", "mine": False}
    mine = hold.holder == holder
    said = words(
        "hold_mine" if mine else "hold_other",
        name=hold.name,
        since=words.moment(hold.since, now),
        until=words.clock(hold.until),
    )
    return {"hold": said, "mine": mine}


def facts_of(one: Incident, words: Words, now: datetime) -> list[tuple[str, str]]:
    """Return what is held of an incident, as (name, value)."""
    found = [
        (words("fact_when"), _happened(one, words, now)),
        (words("fact_where"), where_words(one.location, words)),
        (
            words("fact_elsewhere"),
            "; ".join(where_words(spot, words) for spot in one.elsewhere),
        ),
        (words("fact_open"), words("open_in_part") if one.in_part else ""),
        (words("fact_shut"), ", ".join(words.cargo(code) for code in one.shut)),
        (words("fact_over_for"), ", ".join(words.cargo(code) for code in one.over_for)),
        (words("fact_sources"), sources(one, words)),
        (words("fact_believed"), f"{words.number(one.credibility * 100)} %"),
        (words("fact_cargo"), ", ".join(words.cargo(code) for code in one.cargo)),
        (words("fact_actor"), one.actor or ""),
        *_figures(one, words),
    ]
    return [(name, value) for name, value in found if value]


def _happened(one: Incident | Report | FiledReport, words: Words, now: datetime) -> str:
    exact = one.date_precision == "instant"
    told = words.moment(one.occurred_at, now) if exact else words.day(one.occurred_at, now)
    if one.starts_at is None:
        return told
    return words("happened_announced", when=told, date=words.date(one.starts_at))


def _figures(one: Incident | Report, words: Words) -> list[tuple[str, str]]:
    """Return how many were hurt or taken, as (name, value); what is not known is left out."""
    found = [
        (words("fact_killed"), _range(one.fatalities, words)),
        (words("fact_abducted"), _range(one.abducted, words)),
        (words("fact_vehicles"), _range(one.vehicles, words)),
    ]
    return [(name, value) for name, value in found if value]


def where_words(location: Location, words: Words) -> str:
    """Return where it is: "Lakamané, Kayes, Mali"."""
    country = words.locale.territories.get(location.country or "", location.country)
    spot = words.spot(location.label, location.km_from_place)
    where = [spot, location.region, country]
    return ", ".join(dict.fromkeys(part for part in where if part))


def _range(found: Range | None, words: Words) -> str:
    if found is None:
        return ""
    low, high = words.number(found.low), words.number(found.high)
    return low if low == high else f"{low} - {high}"


def _report(one: Report, words: Words, now: datetime) -> dict[str, Any]:
    return {
        "id": one.id,
        "source": source_of(one.source_type, words),
        "basis": words(f"how_{one.basis.value}"),
        "kind": sentence(words.kind(one.kind)),
        "denies": one.reliability == DENIED,
        "place": words.spot(one.location.label, one.location.km_from_place),
        "happened": happened_words(one, words, now),
        "figures": ", ".join(f"{name} {value}" for name, value in _figures(one, words)),
        "summary": one.summary,
        "at": one.received_at,
        "when": words.moment(one.received_at, now),
    }


def happened_words(one: Report | FiledReport, words: Words, now: datetime) -> str:
    """Return in a sentence when it happened, or when it was announced and for when."""
    told = _happened(one, words, now)
    return sentence(told) if one.starts_at is not None else words("desk_happened", when=told)


def source_of(source_type: str, words: Words) -> str:
    """Return what kind of source it is; never who."""
    key = f"source_{source_type.lower().replace(' ', '_')}"
    return words(key) if key in words.text else source_type


def _alike(other: Alike, words: Words, now: datetime) -> dict[str, Any]:
    one = other.incident
    return {
        "id": one.id,
        "title": named(one, words),
        "facts": facts_of(one, words, now),
        "status": words(f"status_{one.status.value}"),
        "near": other.near,
        "said": _said_of(other.reports, words),
    }


def _said_of(reports: Sequence[Report], words: Words) -> list[str]:
    """Return what the first reports say, each with the kind of its source."""
    return [
        f"{source_of(one.source_type, words)}: {one.summary}" for one in reports if one.summary
    ][:_MOST_SAID]


def _cause(cause: str, words: Words) -> str:
    kind, _, _ = cause.partition(":")
    key = f"cause_{kind}"
    return words(key) if key in words.text else words("cause_clock")
