"""What the desk prints of who was told of an incident, and who will be."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.alerts.records import StoredAlert
from app.alerts.titles import title_of
from app.config import Config
from app.delivery.delivery import TOLD, UNREACHED, Status
from app.delivery.outbox.reach import Later
from app.flows.desk.desk_file import IncidentFile
from app.web.speaking import Words


def later_words(later: Later | None, words: Words, now: datetime) -> str:
    """Return how many hear it later only, why, and from when on; "" where nobody does."""
    if later is None:
        return ""
    people = words.many("people_later", later.people)
    return words("later_from", people=people, when=words.moment(later.first_at, now))


def told_values(
    found: IncidentFile, words: Words, config: Config, *, now: datetime
) -> list[dict[str, Any]]:
    """Return what was said, newest first: of one road at one time once, for all its cargoes."""
    alike: dict[tuple[str, ...], list[tuple[StoredAlert, Mapping[str, int]]]] = {}
    for one, counts in found.alerts:
        key = (one.bundle_id, one.route, one.type.value, one.level.value, one.status)
        alike.setdefault(key, []).append((one, counts))
    said = [_said(same, found.later, words, config, now) for same in alike.values()]
    return sorted(said, key=lambda one: (one["at"], one["number"]), reverse=True)


def _said(
    same: Sequence[tuple[StoredAlert, Mapping[str, int]]],
    later: Mapping[str, Later],
    words: Words,
    config: Config,
    now: datetime,
) -> dict[str, Any]:
    told = [sum(counts.get(status, 0) for status in TOLD) for _, counts in same]
    missed = sum(counts.get(status, 0) for _, counts in same for status in UNREACHED)
    # the one that most were sent carries the message that names the other cargoes, too
    one = same[told.index(max(told))][0]
    corridor = config.network.corridors.get(one.route)
    cargoes = ", ".join(words.cargo(alert.cargo) for alert, _ in same)
    return {
        "below": f"/desk/alerts/{one.id}",
        "type": words(f"alert_{one.type.value}"),
        "where": f"{title_of(corridor.title) if corridor is not None else one.route}, {cargoes}",
        "level": one.level,
        "held": one.status == "held",
        "at": one.created_at,
        "when": words.moment(one.created_at, now),
        "number": sum(told),
        "told": _to_whom(same, sum(told), later, words, now),
        "missed": words.many("people_unreached", missed) if missed else "",
    }


def _to_whom(
    same: Sequence[tuple[StoredAlert, Mapping[str, int]]],
    told: int,
    later: Mapping[str, Later],
    words: Words,
    now: datetime,
) -> str:
    """Return how many were sent it, and how many will be."""
    waits = [later[one.id] for one, _ in same if one.id in later]
    said = [words.many("messages_told", told)] if told else []
    if waits:  # the same people, of each cargo
        said.append(later_words(max(waits, key=lambda one: one.people), words, now))
    return ", ".join(said) or words(_why_none(same))


def _why_none(same: Sequence[tuple[StoredAlert, Mapping[str, int]]]) -> str:
    """Return the name of the text that says why no message was sent."""
    waits = any(one.fanned_out_at is None or counts.get(Status.QUEUED, 0) for one, counts in same)
    if waits:
        return "desk_leaving"
    return "desk_said_beside" if any(counts for _, counts in same) else "desk_nobody"
