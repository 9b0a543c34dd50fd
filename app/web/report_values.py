"""What the page for a report prints: the form as filled in, and what a report changed, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.alerts.titles import title_of
from app.core.levels import Level
from app.flows.context import Context
from app.flows.reports.own_reports import OwnReport
from app.incidents.personal import without_addresses
from app.incidents.report import Basis
from app.subscribers.store.inbound import Heard
from app.web.report_form import BASES, NONE_OF_THEM, NOW, SOMEWHERE, TODAY, WHEN, YESTERDAY, Filled
from app.web.speaking import Words, sentence

#: What people on the road report most, and first; one that the configuration lacks is left out.
_FIRST = (
    "roadblock",
    "vehicle_attack",
    "fuel_interception",
    "abduction",
    "banditry",
    "ied",
    "armed_presence",
    "road_damage",
    "safe_transit",
)
_WHENS = {NOW: "when_now", TODAY: "when_today", YESTERDAY: "when_yesterday"}
_BASES = {Basis.FIRSTHAND: "basis_firsthand", Basis.RELAYED: "basis_relayed"}
_FATES = {
    "asked": "fate_asked",
    "aside": "fate_aside",
    "unconfirmed": "fate_unconfirmed",
    "confirmed": "fate_confirmed",
    "refuted": "fate_refuted",
    "over": "fate_over",
}
_ASKED = {
    "ambiguous": "place_several",
    "several": "place_road_or_towns",
    "unknown": "place_unknown",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of several answers."""

    value: str
    label: str
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How cargoes on a route stood before a report and stand now."""

    cargoes: str
    before: Level
    after: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A route that a report changed."""

    title: str
    changes: tuple[Change, ...]
    told: bool


def form_values(
    form: Filled,
    context: Context,
    words: Words,
    *,
    faults: Mapping[str, str],
    unplaced: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return what the template of the form prints.

    Args:
        form: As it was filled in; nothing of it is lost.
        context: The kinds and cargoes there are.
        words: The language.
        faults: Names of texts, by field.
        unplaced: Why the place was not found, and which ones may have been meant.
    """
    kinds = context.config.kinds.by_code
    first = [code for code in _FIRST if code in kinds]
    return {
        "form": form,
        "first": [_kind(code, words) for code in first],
        "others": [_kind(code, words) for code in kinds if code not in first],
        "other_chosen": form.kind in kinds and form.kind not in first,
        "whens": [Choice(value=one, label=words(_WHENS[one])) for one in WHEN],
        "cargoes": [
            Choice(value=one, label=words.cargo(one)) for one in context.config.cargoes.codes
        ],
        "bases": [Choice(value=one.value, label=words(_BASES[one])) for one in BASES],
        "faults": {field: words(text) for field, text in faults.items()},
        **_candidates(form, words, unplaced),
    }


def _kind(code: str, words: Words) -> Choice:
    return Choice(value=code, label=sentence(words.kind(code)))


def _candidates(form: Filled, words: Words, unplaced: Mapping[str, Any] | None) -> dict[str, Any]:
    if unplaced is None:
        return {"asking": "", "candidates": (), "asked": form.asked, "choice": form.chosen}
    found = [candidate_of(one, words) for one in unplaced["candidates"]]
    text = _ASKED.get(unplaced["reason"], "place_unknown") if found else "place_nowhere"
    text = "place_long" if unplaced["somewhere"] else text
    none = Choice(
        value=NONE_OF_THEM,
        label=words("place_none" if found else "place_as_said"),
        more=words("place_none_what"),
    )
    return {
        "asking": words(text, said=form.said),
        "candidates": (*found, *somewhere(unplaced["somewhere"], words), none),
        "asked": form.said,
        "choice": "",
    }


def somewhere(road: str | None, words: Words) -> tuple[Choice, ...]:
    """Return the choice of all of a road that is too long to be one place, where there is one."""
    if road is None:
        return ()
    label = words("place_somewhere", road=road)
    return (Choice(value=SOMEWHERE, label=label, more=words("place_somewhere_what")),)


def candidate_of(one: Mapping[str, Any], words: Words) -> Choice:
    """Return a place that may have been meant, to be chosen."""
    country = words.locale.territories.get(one.get("country"), one.get("country"))
    # what is not known of a place is kept nowhere
    parts = (one.get("cercle"), one.get("region"), country)
    within = dict.fromkeys(part for part in parts if part)
    return Choice(value=one["place_id"], label=one["name"], more=", ".join(within))


def outcome_values(answer: Mapping[str, Any], context: Context, words: Words) -> dict[str, Any]:
    """Return what a report changed, in words."""
    incident = answer["incident"]
    said = "taken_asked"
    if incident is not None:
        said = "taken_new" if incident["is_new"] else "taken_joined"
    also = answer.get("also", ())
    reports = [answer["report"], *(one["report"] for one in also if one["incident"] is not None)]
    where = [one.get("location", {}) for one in reports]
    left = ", ".join(one["report"]["place"] for one in also if one["incident"] is None)
    return {
        "kind": sentence(words.kind(answer["report"]["kind"])),
        "place": "; ".join(words.spot(at.get("label", ""), at.get("place_km")) for at in where),
        "said": words(said),
        "left": words("taken_left", names=left) if left else "",
        "certainty": words(incident["certainty"]) if incident is not None else "",
        "sources": words.many("sources", incident["independent_sources"]) if incident else "",
        "changed": changed_of(answer["effects"], context, words),
        "placed": incident is not None,
    }


def changed_of(
    effects: Sequence[Mapping[str, Any]], context: Context, words: Words
) -> list[Changed]:
    """Return the routes that something changed, with how each cargo stands now."""
    routes: dict[str, list[Mapping[str, Any]]] = {}
    for one in effects:
        routes.setdefault(one["route"], []).append(one)
    corridors = context.config.network.corridors
    return [
        Changed(
            title=title_of(corridors[code].title) if code in corridors else code,
            changes=_changes(found, words),
            told=any(one["alert_id"] for one in found),
        )
        for code, found in routes.items()
    ]


def _changes(found: Sequence[Mapping[str, Any]], words: Words) -> tuple[Change, ...]:
    alike: dict[tuple[str, str], list[str]] = {}
    for one in found:
        alike.setdefault((one["before"], one["after"]), []).append(words.cargo(one["cargo"]))
    return tuple(
        Change(cargoes=", ".join(cargoes), before=Level(before), after=Level(after))
        for (before, after), cargoes in alike.items()
    )


def own_values(own: Sequence[OwnReport], words: Words, *, now: datetime) -> list[dict[str, Any]]:
    """Return what became of a reader's reports, in words."""
    return [
        {
            "what": sentence(words.kind(one.kind)),
            "place": words.spot(one.place, one.place_km),
            "at": one.received_at,
            "when": words.age(one.received_at, now),
            "fate": words(_FATES[one.fate]),
            "sources": words.many("sources", one.sources) if one.sources > 1 else "",
        }
        for one in own
    ]


def said_in(heard: Heard) -> str:
    """Return what was written, without numbers and addresses; "" once it was emptied."""
    return without_addresses(heard.said.text) if heard.said is not None else ""
