"""What config/policy/subscribers.toml says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.errors import ConfigError
from app.subscribers.addresses import is_country

_KEYS = {"languages", "default_language", "default_country"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberPolicy:
    """Languages that messages are written in, and what an organisation has by default."""

    languages: tuple[str, ...]
    default_language: str
    default_country: str


def parse(table: Mapping[str, Any], *, file: str) -> SubscriberPolicy:
    """Return the policy of a parsed TOML table.

    Raises:
        ConfigError: names `file` and the key.
    """
    if wrong := set(table) ^ _KEYS:
        key = min(wrong)
        raise ConfigError(f"{file}: {'unknown' if key in table else 'missing'} key '{key}'")
    languages = table["languages"]
    if not (isinstance(languages, list) and languages and all(map(_is_language, languages))):
        raise ConfigError(f"{file}: 'languages' is not a list of codes such as 'fr'")
    if table["default_language"] not in languages:
        raise ConfigError(f"{file}: 'default_language' is none of {', '.join(languages)}")
    if not is_country(table["default_country"]):
        raise ConfigError(f"{file}: 'default_country' is not an ISO 3166-1 code such as 'ML'")
    return SubscriberPolicy(
        languages=tuple(languages),
        default_language=table["default_language"],
        default_country=table["default_country"],
    )


def _is_language(code: object) -> bool:
    return isinstance(code, str) and 2 <= len(code) <= 8 and code.isalpha() and code.islower()  # noqa: PLR2004 - the column's width
