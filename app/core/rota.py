"""Who is on duty when: turns by day of the week and hour, as operators write a roster. Pure.

`mon-fri 07:00-19:00 +22370000001 a@example.org; sat,sun 07:00-19:00 +22370000002`; days in
English or French.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: As each may be written, by its place in the week.
_DAY_AT = {name: at for at, name in enumerate(_DAYS)} | {
    name: at for at, name in enumerate(("lun", "mar", "mer", "jeu", "ven", "sam", "dim"))
}
_TURN = re.compile(
    r"(?:(?P<days>[a-z,\s-]+)\s)?\s*"
    r"(?P<from>[01]\d|2[0-3]):(?P<from_m>[0-5]\d)\s*-\s*(?P<to>[01]\d|2[0-4]):(?P<to_m>[0-5]\d)"
    r"\s+(?P<addresses>\S.*)",
    re.IGNORECASE,
)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Somebody's hours: on the days on which they begin, and over midnight where they end before.

    Attributes:
        days: 0 is Monday.
        start: After midnight of the day.
        length: More than none, a day at most.
        addresses: By channel, `sms` and `email`.
    """

    days: frozenset[int]
    start: timedelta
    length: timedelta
    addresses: Mapping[str, str]

    def holds(self, at: datetime) -> bool:
        """Tell whether `at`, in the time of the place, is in these hours."""
        since_midnight = timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
        return any(
            (at - back).weekday() in self.days
            and self.start <= since_midnight + back < self.start + self.length
            for back in (timedelta(0), _DAY)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """Who is told of what waits for a person, and who is when he does not act.

    Attributes:
        addresses: By channel: of hours that are nobody's turn, and where a turn lacks a channel.
        turns: The first that holds counts.
        deputy: By channel; nobody's: who is on duty is told again.
    """

    addresses: Mapping[str, str]
    turns: Sequence[Turn] = ()
    deputy: Mapping[str, str] = field(default_factory=dict)

    @property
    def channels(self) -> list[str]:
        """Return every channel on which somebody may be told."""
        return sorted({*self.addresses, *(way for turn in self.turns for way in turn.addresses)})

    def on_duty(self, at: datetime) -> dict[str, str]:
        """Return where who is on duty is told, by channel; `at`: in the time of the place."""
        now = next((turn.addresses for turn in self.turns if turn.holds(at)), {})
        return {**self.addresses, **now}

    @property
    def second(self) -> list[str]:
        """Return the channels on which is told what nobody acts on."""
        return sorted(self.deputy) or self.channels


def read_turns(text: str, address: Callable[[str], tuple[str, str]]) -> tuple[Turn, ...]:
    """Return the turns of a roster; without days a turn is every day's.

    Args:
        text: Of the operator; turns stand apart by `;`.
        address: Returns the channel and the address that is written, or raises `ValueError`.

    Raises:
        ValueError: Says which turn cannot be read, and quotes nothing of it.
    """
    turns = []
    for number, part in enumerate(filter(None, map(str.strip, text.split(";"))), start=1):
        try:
            turns.append(_turn(part, address))
        except ValueError as error:
            raise ValueError(f"turn {number}: {error}") from None
    return tuple(turns)


def _turn(text: str, address: Callable[[str], tuple[str, str]]) -> Turn:
    found = _TURN.fullmatch(text)
    if found is None:
        raise ValueError("must be DAYS HH:MM-HH:MM ADDRESS..., as mon-fri 07:00-19:00 +22370000001")
    start = timedelta(hours=int(found["from"]), minutes=int(found["from_m"]))
    end = timedelta(hours=int(found["to"]), minutes=int(found["to_m"]))
    if end > _DAY:
        raise ValueError("ends at 24:00 at the latest")
    addresses = dict(map(address, found["addresses"].split()))
    return Turn(
        days=_days(found["days"] or "mon-sun"),
        start=start,
        length=end - start if end > start else end - start + _DAY,
        addresses=addresses,
    )


def _days(text: str) -> frozenset[int]:
    days: set[int] = set()
    for part in re.sub(r"\s*([,-])\s*", r"\1", text.strip().lower()).split(","):
        first, dash, last = part.partition("-")
        if not {first, last if dash else first} <= _DAY_AT.keys():
            raise ValueError(f"its days must be of {', '.join(_DAYS)}, as mon-fri or sat,sun")
        start, end = _DAY_AT[first], _DAY_AT[last or first]
        days |= {day % 7 for day in range(start, end + 1 if end >= start else end + 8)}
    return frozenset(days)
