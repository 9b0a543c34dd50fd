"""What `config/policy/providers.toml` may set: who sends what, and what follows on silence."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import timedelta
from typing import Any

from app.core.errors import ConfigError
from app.delivery.fail_over import PRIORITIES, FailOverPolicy, Rule
from app.delivery.routing import Provider, RoutingPolicy, Shifting

_NEVER = Rule(after=None)
_REMIND = "remind_s"
#: Longest prefix that says a country or an operator and not yet a person.
_PREFIX_LENGTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvidersPolicy:
    """The file as one value."""

    routing: RoutingPolicy = field(default_factory=RoutingPolicy)
    fail_over: FailOverPolicy = field(default_factory=lambda: FailOverPolicy(rules={}))


def parse(table: Mapping[str, Any], *, file: str) -> ProvidersPolicy:
    """Return the policy in `table`; durations are keys that end in `_s`, in seconds.

    Raises:
        ConfigError: A key is unknown, or its value of the wrong kind.
    """
    _known(table, {"sms", "shifting", "fail_over"}, where=file)
    entries = table.get("sms", [])
    if not isinstance(entries, list):
        raise ConfigError(f"{file}: sms: expected one [[sms]] table for each provider")
    providers = tuple(
        _provider(entry, where=f"{file}: [[sms]] {number}")
        for number, entry in enumerate(entries, start=1)
    )
    names = [provider.name for provider in providers]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ConfigError(f"{file}: [[sms]] {min(twice)} has two entries; give it more prefixes")
    shifting = _filled(Shifting, table.get("shifting", {}), where=f"{file}: [shifting]")
    return ProvidersPolicy(
        routing=RoutingPolicy(providers=providers, shifting=shifting),
        fail_over=_fail_over(table.get("fail_over", {}), where=f"{file}: [fail_over"),
    )


def _provider(entry: Any, *, where: str) -> Provider:
    if not isinstance(entry, dict) or not isinstance(entry.get("provider"), str):
        raise ConfigError(f"{where}: needs provider = a name")
    _known(entry, {"provider", "prefixes", "weight"}, where=where)
    prefixes = entry.get("prefixes", [""])
    if not isinstance(prefixes, list) or not prefixes or not all(map(_is_prefix, prefixes)):
        raise ConfigError(
            f"{where}: prefixes: expected a list of prefixes as +223, of at most"
            f" {_PREFIX_LENGTH} signs, got {prefixes!r}"
        )
    weight = entry.get("weight", 100)
    if not _is_number(weight, int) or not 0 <= weight <= 100:  # noqa: PLR2004 - points of 100
        raise ConfigError(f"{where}: weight: expected a whole number from 0 to 100, got {weight!r}")
    return Provider(name=entry["provider"], prefixes=tuple(prefixes), weight=weight)


def _fail_over(table: Any, *, where: str) -> FailOverPolicy:
    if not isinstance(table, dict):
        raise ConfigError(f"{where}]: expected tables by level")
    _known(table, {*PRIORITIES, _REMIND}, where=f"{where}]")
    rules = {
        place: _filled(Rule, table[name], where=f"{where}.{name}]") if name in table else _NEVER
        for name, place in PRIORITIES.items()
    }
    remind = _value(timedelta, table.get(_REMIND, 600), where=f"{where}] {_REMIND}")
    return FailOverPolicy(rules=rules, remind=remind)


def _filled(kind: Any, table: Any, *, where: str) -> Any:
    """Return a dataclass from the keys of a table; what is left out keeps its default."""
    if not isinstance(table, dict):
        raise ConfigError(f"{where}: expected a table")
    keys = {_key(entry): entry for entry in fields(kind)}
    _known(table, set(keys), where=where)
    for key, entry in keys.items():
        if key not in table and entry.default is MISSING:
            raise ConfigError(f"{where} {key}: is missing")
    return kind(
        **{
            keys[key].name: _value(_plain(keys[key].type), value, where=f"{where} {key}")
            for key, value in table.items()
        }
    )


def _key(entry: Any) -> str:
    return f"{entry.name}_s" if _plain(entry.type) is timedelta else str(entry.name)


def _plain(kind: Any) -> Any:
    return timedelta if kind in {timedelta, timedelta | None} else kind


def _value(kind: Any, value: Any, *, where: str) -> Any:
    if kind is bool:
        if not isinstance(value, bool):
            raise ConfigError(f"{where}: expected true or false, got {value!r}")
        return value
    number = int if kind is int else (int, float)
    if not _is_number(value, number) or not value > 0:
        raise ConfigError(f"{where}: expected a number above 0, got {value!r}")
    return timedelta(seconds=value) if kind is timedelta else value


def _known(table: Mapping[str, Any], known: set[str], *, where: str) -> None:
    if unknown := sorted(set(table) - known):
        words = ", ".join(sorted(known))
        raise ConfigError(f"{where}: {unknown[0]}: unknown key; known: {words}")


def _is_prefix(value: Any) -> bool:
    if value == "":
        return True
    plain = isinstance(value, str) and value[:1] == "+" and len(value) <= _PREFIX_LENGTH
    return plain and value[1:].isascii() and value[1:].isdigit()


def _is_number(value: Any, kind: Any) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)
