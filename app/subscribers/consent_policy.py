"""What `config/policy/consent.toml` says: what an organisation may add and ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.core.errors import ConfigError

#: Tables and keys, with the usual value and the least and most that make sense.
_TABLES: Mapping[str, Mapping[str, tuple[int, int, int]]] = {
    "invitations": {
        "per_day": (200, 0, 100_000),
        "again_after_days": (30, 1, 3_650),
        "open_days": (7, 1, 30),
        "wrong_codes": (5, 1, 10),
    },
    "contacts": {"added_per_day": (20_000, 1, 1_000_000)},
    "tests": {"messages_per_day": (500, 1, 100_000)},
    "unreachable": {"in_a_row": (3, 2, 100)},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentPolicy:
    """How people are asked, and when nothing seems to reach them.

    Attributes:
        per_day: Invitations of one organisation within 24 hours.
        again_after: Between two invitations of one address, by whomever.
        open_for: A code and a link are good for so long.
        wrong_codes: After so many an invitation is void.
        contacts_per_day: Contacts that an organisation itself adds within 24 hours.
        tests_per_day: Test messages to people of one organisation within 24 hours.
        in_a_row: Messages that did not arrive, before a contact counts as out of reach.
    """

    per_day: int = 200
    again_after: timedelta = timedelta(days=30)
    open_for: timedelta = timedelta(days=7)
    wrong_codes: int = 5
    contacts_per_day: int = 20_000
    tests_per_day: int = 500
    in_a_row: int = 3


def parse(table: Mapping[str, Any], *, file: str) -> ConsentPolicy:
    """Return the policy of a parsed TOML table; what is not in it is as usual.

    Raises:
        ConfigError: A key is unknown, or its value makes no sense; names `file` and the key.
    """
    if unknown := sorted(set(table) - set(_TABLES)):
        raise ConfigError(f"{file}: unknown table [{unknown[0]}]; known: {', '.join(_TABLES)}")
    found: dict[str, int] = {}
    for name, keys in _TABLES.items():
        given = table.get(name, {})
        if not isinstance(given, Mapping) or set(given) - set(keys):
            raise ConfigError(f"{file}: [{name}] takes the keys {', '.join(keys)}")
        for key, (usual, least, most) in keys.items():
            value = given.get(key, usual)
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise ConfigError(
                    f"{file}: [{name}] {key} must be a whole number from {least} to {most}"
                )
            found[key] = value
    if found["again_after_days"] < found["open_days"]:
        raise ConfigError(f"{file}: [invitations] again_after_days is less than open_days")
    return ConsentPolicy(
        per_day=found["per_day"],
        again_after=timedelta(days=found["again_after_days"]),
        open_for=timedelta(days=found["open_days"]),
        wrong_codes=found["wrong_codes"],
        contacts_per_day=found["added_per_day"],
        tests_per_day=found["messages_per_day"],
        in_a_row=found["in_a_row"],
    )
