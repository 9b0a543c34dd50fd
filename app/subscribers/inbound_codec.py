"""A message, how it was read and what was asked back, as JSON and again as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.roads.codec import decode_location, encode_location
from app.subscribers.understood import Action, Choice, Courtesy, Missing, Reading, When

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is kept sealed of a message: what names somebody, or tells what he carries.

    Attributes:
        text: As it came in; a word of duress is not in it.
        reading: How it was read, a number put in the place of what it stands for.
        reply: What was answered; None: nothing.
        choices: Those that the answer offered: what a number may be taken for next.
        language: Of the answer.
    """

    text: str
    reading: Reading
    reply: str | None = None
    choices: tuple[Choice, ...] = ()
    language: str = field(default="fr")


def encode_said(said: Said) -> Json:
    """Return JSON that `decode_said` makes the same value of."""
    return {
        "text": said.text,
        "reading": _encode_reading(said.reading),
        "reply": said.reply,
        "choices": [_encode_choice(choice) for choice in said.choices],
        **_encode_ends(said.choices),
        "language": said.language,
    }


def decode_said(kept: Mapping[str, Any]) -> Said:
    """Return what `encode_said` was given."""
    return Said(
        text=kept["text"],
        reading=_decode_reading(kept["reading"]),
        reply=kept["reply"],
        choices=_decode_choices(kept),
        language=kept["language"],
    )


def _encode_reading(reading: Reading) -> Json:
    return {
        "action": reading.action.value,
        "kind": reading.kind,
        "places": list(reading.places),
        "located": [encode_location(one) for one in reading.located],
        "location": encode_location(reading.location) if reading.location else None,
        "routes": list(reading.routes),
        "cargoes": list(reading.cargoes),
        "missing": reading.missing.value if reading.missing else None,
        "choices": [_encode_choice(choice) for choice in reading.choices],
        **_encode_ends(reading.choices),
        "each": reading.each,
        "said": reading.said,
        "number": reading.number,
        "language": reading.language,
        "tongue": reading.tongue,
        "when": _encode_when(reading.when),
        "courtesy": reading.courtesy.value if reading.courtesy else None,
        "denied": reading.denied,
        "in_need": reading.in_need,
        **({"leads": True} if reading.leads else {}),
        **({"for_now": True} if reading.for_now else {}),
        **({"sorts": list(reading.sorts)} if reading.sorts else {}),
        **({"moved_from": reading.moved_from} if reading.moved_from is not None else {}),
        **({"asked_of": reading.asked_of} if reading.asked_of is not None else {}),
        "reasons": list(reading.reasons),
    }


def _decode_reading(kept: Mapping[str, Any]) -> Reading:
    return Reading(
        action=Action(kept["action"]),
        kind=kept["kind"],
        places=tuple(kept["places"]),
        located=tuple(decode_location(one) for one in kept["located"]),
        location=decode_location(kept["location"]) if kept["location"] else None,
        routes=tuple(kept["routes"]),
        cargoes=tuple(kept["cargoes"]),
        missing=Missing(kept["missing"]) if kept["missing"] else None,
        choices=_decode_choices(kept),
        each=kept.get("each", False),
        said=kept["said"],
        number=kept["number"],
        language=kept["language"],
        tongue=kept["tongue"],
        when=_decode_when(kept.get("when")),
        courtesy=Courtesy(kept["courtesy"]) if kept.get("courtesy") else None,
        denied=kept.get("denied", False),
        in_need=kept.get("in_need", False),
        leads=kept.get("leads", False),
        for_now=kept.get("for_now", False),
        sorts=tuple(kept.get("sorts", ())),
        moved_from=kept.get("moved_from"),
        asked_of=kept.get("asked_of"),
        reasons=tuple(kept["reasons"]),
    )


def _encode_choice(choice: Choice) -> Json:
    when = _encode_when(choice.when)
    return {
        "action": choice.action.value if choice.action else None,
        "kind": choice.kind,
        "place": choice.place,
        "place_id": choice.place_id,
        "area": choice.area,
        "language": choice.language,
        # A process of the version before reads a choice only without what it does not know.
        **({"when": when} if when else {}),
    }


def _encode_ends(choices: Sequence[Choice]) -> Json:
    """Return the ends of roads, beside the choices: in them the version before reads none."""
    if not any(choice.ends for choice in choices):
        return {}
    return {"ends": [list(choice.ends) if choice.ends else None for choice in choices]}


def _decode_choices(kept: Mapping[str, Any]) -> tuple[Choice, ...]:
    choices = kept["choices"]
    return tuple(
        Choice(
            **{
                **one,
                "action": Action(one["action"]) if one["action"] else None,
                "ends": (ends[0], ends[1]) if ends else None,
                "when": _decode_when(one.get("when")),
            }
        )
        for one, ends in zip(choices, kept.get("ends") or [None] * len(choices), strict=True)
    )


def _encode_when(when: When | None) -> Json | None:
    if when is None:
        return None
    starts = {"starts_at": when.starts_at.isoformat()} if when.starts_at else {}
    return {"at": when.at.isoformat(), "precision": when.precision, **starts}


def _decode_when(kept: Mapping[str, str] | None) -> When | None:
    if not kept:
        return None
    starts = kept.get("starts_at")
    return When(
        datetime.fromisoformat(kept["at"]),
        kept["precision"],
        datetime.fromisoformat(starts) if starts else None,
    )
