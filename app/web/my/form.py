"""The form of a subscription: what stands in it, and what it asks for. Pure."""

import re
from collections.abc import Mapping, Sequence

from app.core.levels import Level
from app.flows.people.own_subscriptions import Wanted
from app.subscribers.contact import ContactChannel
from app.subscribers.subscription import Subscription, TownPair

LEVELS = (Level.MODERATE, Level.HIGH, Level.SEVERE)
TELLS = ("immediately", "daily", "weekly")
#: As the API has it.
_MOST_NAMED, _LONGEST = 100, 120
_BETWEEN = re.compile(r"\s+[-\N{EN DASH}]\s+|\s*/\s*|\s*→\s*")


class UnreadableError(Exception):
    """A part of the form cannot be what it says: which one."""


def form_of(subscription: Subscription) -> dict[str, str]:
    """Return what stands in the form of a subscription."""
    wanted = subscription.wanted
    form = {
        "min_level": subscription.min_level.value,
        "tell": wanted.get("tell", TELLS[0]),
        "regions": ", ".join(wanted["regions"]),
        "towns": "; ".join(f"{pair['from']} - {pair['to']}" for pair in wanted["towns"]),
    }
    form |= {f"route-{code}": "1" for code in wanted["routes"]}
    form |= {f"cargo-{code}": "1" for code in wanted["cargoes"]}
    form |= {f"channel-{channel}": "1" for channel in wanted["channels"]}
    return form


def wanted_of(
    form: Mapping[str, str], contact_id: str, *, routes: Sequence[str], cargoes: Sequence[str]
) -> Wanted:
    """Return what a form asks for.

    Raises:
        UnreadableError: A level, a frequency or a pair of towns is none.
    """
    level, tell = form.get("min_level", ""), form.get("tell", "")
    if level not in {one.value for one in LEVELS}:
        raise UnreadableError("min_level")
    if tell not in TELLS:
        raise UnreadableError("tell")
    chosen = tuple(code for code in cargoes if form.get(f"cargo-{code}") == "1")
    return Wanted(
        contact_id=contact_id,
        routes=tuple(code for code in routes if form.get(f"route-{code}") == "1"),
        regions=tuple(_parts(form.get("regions", ""), ",")),
        towns=tuple(_pair(part) for part in _parts(form.get("towns", ""), ";")),
        # every cargo ticked is every cargo there will be
        cargoes=() if len(chosen) == len(cargoes) else chosen,
        min_level=Level(level),
        channels=tuple(one for one in ContactChannel if form.get(f"channel-{one}") == "1"),
        tell=tell,
    )


def typed_at(form: Mapping[str, str], field: str, number: int) -> str:
    """Return what was typed at a place of a list in the form, "" where that is no such list."""
    marks = {"regions": ",", "towns": ";"}
    parts = _parts(form.get(field, ""), marks[field]) if field in marks else []
    return parts[number] if number < len(parts) else ""


def _parts(text: str, mark: str) -> list[str]:
    parts = [part.strip()[:_LONGEST] for part in text.split(mark)]
    return [part for part in parts if part][:_MOST_NAMED]


def _pair(text: str) -> TownPair:
    ends = [part.strip() for part in _BETWEEN.split(text)]
    if len(ends) != 2 or not all(ends):  # noqa: PLR2004 - from one to the other
        raise UnreadableError("towns")
    return TownPair(start=ends[0], end=ends[1])
