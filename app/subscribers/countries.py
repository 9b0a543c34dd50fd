"""What an SMS to a number costs and what the number can do, by country and operator. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from app.core.errors import ConfigError

#: Money is counted in millionths of the currency: whole numbers add up the same everywhere.
MICROS = 1_000_000
#: The tariff of numbers of no country that is listed.
OTHER = "other"

_DIGITS = 6

_CURRENCY = "currency"
_OPERATORS = "operators"
_CODE_CHARS = 2
_CURRENCY_CHARS = 3
_NAME_CHARS = 17  # a tariff is kept in 20 characters: "CI/" and the operator's name
#: Longest prefix that says an operator and not yet a person.
_PREFIX_CHARS = 8
_MOST = 1_000
_SENDERS = frozenset({"alphanumeric", "long_code", "short_code"})
#: Channels beside SMS that are paid for, by country: a call, a message.
BEYOND = ("voice", "whatsapp")
_FACTS = frozenset(
    {*BEYOND, "price", "estimate", "source", "on", "two_way", "concatenation", "links", "senders"}
)
_NEEDED = ("price", "two_way", "concatenation", "links", "senders")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """One row of the file: a country's numbers, or those of one of its operators.

    Attributes:
        code: "ML", "CI/mtn" or "other"; "voice:ML" of a call there: kept with contacts and
            deliveries in place of any digit.
        prefixes: Of its numbers; none of `other`.
        price: Of one part, or of a call or message, in millionths of the currency.
        estimate: The price was not read off a contract or a price list.
        source: Where the price is from; `on`: as of which day.
        two_way: Providers through which an answer from there reaches us.
        concatenation: An SMS of several segments arrives as one.
        links: A link passes.
        senders: Kinds of senders that are accepted there.
    """

    code: str
    prefixes: tuple[str, ...]
    price: int
    estimate: bool
    source: str
    on: date | None
    two_way: frozenset[str]
    concatenation: bool
    links: bool
    senders: frozenset[str]

    @property
    def country(self) -> str:
        """The country's two letters, or "other"."""
        return self.code.rpartition(":")[2].partition("/")[0]

    def can_answer(self, providers: Collection[str]) -> bool:
        """Tell whether an answer reaches us whichever of `providers` carried the question."""
        return bool(providers) and self.two_way.issuperset(providers)


@dataclass(frozen=True, kw_only=True, eq=False)
class Countries:
    """The file `config/countries.toml`; there is one in a process, and it equals itself alone."""

    currency: str
    tariffs: Mapping[str, Tariff]
    #: Of calls and WhatsApp, by code; of what none is here costs as much as an SMS.
    beyond: Mapping[str, Tariff] = field(default_factory=dict)

    def tariff_on(self, channel: str, phone: str) -> Tariff:
        """Return the tariff of a number on a channel that goes to phones."""
        sms = self.tariff_of(phone)
        return self.beyond.get(f"{channel}:{sms.country}", sms)

    def tariff_of(self, phone: str) -> Tariff:
        """Return the tariff of a number in E.164: that of its longest prefix in the file."""
        for length in range(min(len(phone), _PREFIX_CHARS), 1, -1):
            if code := self._by_prefix.get(phone[:length]):
                return self.tariffs[code]
        return self.tariffs[OTHER]

    def tariff(self, code: str | None) -> Tariff:
        """Return a tariff by its code; of an operator no longer listed, that of its country."""
        if code is not None and code in self.beyond:
            return self.beyond[code]
        for known in (code or OTHER, (code or OTHER).partition("/")[0]):
            if known in self.tariffs:
                return self.tariffs[known]
        return self.tariffs[OTHER]

    @cached_property
    def in_one_segment(self) -> tuple[str, ...]:
        """Tariffs of numbers that are never sent more than one segment."""
        return tuple(one.code for one in self.tariffs.values() if not one.concatenation)

    def all_answer(self, providers: Collection[str]) -> bool:
        """Tell whether whoever is written to can answer, through whichever of the providers."""
        return all(one.can_answer(providers) for one in self.tariffs.values())

    @property
    def all_take_links(self) -> bool:
        """Tell whether a link passes everywhere."""
        return all(one.links for one in self.tariffs.values())

    @cached_property
    def _by_prefix(self) -> Mapping[str, str]:
        return {prefix: one.code for one in self.tariffs.values() for prefix in one.prefixes}


def in_currency(micros: int) -> float:
    """Return an amount as people write it."""
    return round(micros / MICROS, _DIGITS)


def parse(table: Mapping[str, Any], *, file: str) -> Countries:
    """Return what a parsed TOML table says.

    Raises:
        ConfigError: Something is missing, unknown or out of range; names file, row and key.
    """
    currency = table.get(_CURRENCY)
    if not isinstance(currency, str) or not (
        len(currency) == _CURRENCY_CHARS and currency.isalpha() and currency.isupper()
    ):
        raise ConfigError(f"{file}: `currency` must be the three letters of one, such as EUR")
    if OTHER not in table:
        raise ConfigError(f"{file}: [other] is missing: numbers of every other country")
    tariffs: dict[str, Tariff] = {}
    for code, row in table.items():
        if code != _CURRENCY:
            for one in _rows(code, row, file):
                tariffs[one.code] = one
    _refuse_twice(tariffs, file)
    return Countries(currency=currency, tariffs=tariffs, beyond=_beyond(table, tariffs, file))


def _beyond(
    table: Mapping[str, Any], tariffs: Mapping[str, Tariff], file: str
) -> dict[str, Tariff]:
    """Return what calls and WhatsApp cost by country; always an estimate: calls differ in length.

    A country that says no price has that of [other].
    """
    found = {}
    for channel in BEYOND:
        for country in (one for one in tariffs.values() if one.code == one.country):
            given = table[country.code].get(channel, table[OTHER].get(channel))
            if given is not None:
                price = _price(given, f"{file}: [{country.code}]", key=channel)
                code = f"{channel}:{country.code}"
                found[code] = replace(
                    country, code=code, prefixes=(), price=price, estimate=True, concatenation=True
                )
    return found


def _rows(code: str, row: Any, file: str) -> list[Tariff]:
    where = f"{file}: [{code}]"
    if code != OTHER and not (len(code) == _CODE_CHARS and code.isalpha() and code.isupper()):
        raise ConfigError(f"{where} is no country's two letters, such as ML")
    if not isinstance(row, Mapping):
        raise ConfigError(f"{where} must be a table")
    own = {"dial", _OPERATORS} if code != OTHER else set()
    _known(row, _FACTS | own, where)
    for key in _NEEDED:
        if key not in row:
            raise ConfigError(f"{where} `{key}` is missing")
    prefixes = (_prefix(row.get("dial"), "dial", where),) if code != OTHER else ()
    facts = {key: value for key, value in row.items() if key in _FACTS}
    country = _tariff(code, prefixes, facts, where)
    operators = row.get(_OPERATORS, {})
    if not isinstance(operators, Mapping):
        raise ConfigError(f"{where} `operators` must be a table")
    return [
        country,
        *(_operator(country, facts, name, operators[name], file) for name in operators),
    ]


def _operator(country: Tariff, facts: Mapping[str, Any], name: str, row: Any, file: str) -> Tariff:
    where = f"{file}: [{country.code}.operators.{name}]"
    if not isinstance(row, Mapping):
        raise ConfigError(f"{where} must be a table")
    if len(name) > _NAME_CHARS:
        raise ConfigError(f"{where} has a name of more than {_NAME_CHARS} characters")
    _known(row, _FACTS | {"prefixes"}, where)
    given = row.get("prefixes")
    if not isinstance(given, list) or not given:
        raise ConfigError(f"{where} `prefixes` must be a list of prefixes such as +22505")
    prefixes = tuple(_prefix(one, "prefixes", where) for one in given)
    (dial,) = country.prefixes
    if wrong := [one for one in prefixes if not one.startswith(dial)]:
        raise ConfigError(f"{where} `prefixes`: {wrong[0]} is not of {country.code}, {dial}")
    own = {key: value for key, value in row.items() if key in _FACTS}
    if "price" in own:  # where it is from is said of each price anew
        facts = {key: facts[key] for key in facts if key not in {"estimate", "source", "on"}}
    return _tariff(f"{country.code}/{name}", prefixes, {**facts, **own}, where)


def _tariff(code: str, prefixes: tuple[str, ...], facts: Mapping[str, Any], where: str) -> Tariff:
    estimate = _truth(facts.get("estimate", False), "estimate", where)
    source, on = facts.get("source", ""), facts.get("on")
    if not isinstance(source, str):
        raise ConfigError(f"{where} `source` must be a text")
    if on is not None and type(on) is not date:
        raise ConfigError(f"{where} `on` must be a day such as 2025-11-01")
    if not estimate and (not source or on is None):
        raise ConfigError(
            f"{where} `price` needs `source` and `on` (the day), or else `estimate = true`"
        )
    senders = _words(facts["senders"], "senders", where)
    if unknown := senders - _SENDERS:
        known = ", ".join(sorted(_SENDERS))
        raise ConfigError(f"{where} `senders`: {min(unknown)!r} is not one of {known}")
    return Tariff(
        code=code,
        prefixes=prefixes,
        price=_price(facts["price"], where),
        estimate=estimate,
        source=source,
        on=on,
        two_way=_words(facts["two_way"], "two_way", where),
        concatenation=_truth(facts["concatenation"], "concatenation", where),
        links=_truth(facts["links"], "links", where),
        senders=senders,
    )


def _refuse_twice(tariffs: Mapping[str, Tariff], file: str) -> None:
    seen: dict[str, str] = {}
    for one in tariffs.values():
        for prefix in one.prefixes:
            if prefix in seen:
                raise ConfigError(f"{file}: {prefix} is both {seen[prefix]} and {one.code}")
            seen[prefix] = one.code


def _known(row: Mapping[str, Any], known: Collection[str], where: str) -> None:
    if unknown := sorted(set(row) - set(known)):
        raise ConfigError(f"{where} `{unknown[0]}` is not known; known: {', '.join(sorted(known))}")


def _prefix(value: Any, key: str, where: str) -> str:
    plain = isinstance(value, str) and value[:1] == "+" and 1 < len(value) <= _PREFIX_CHARS
    if not plain or not (value[1:].isascii() and value[1:].isdigit()):
        raise ConfigError(
            f"{where} `{key}` must be a prefix such as +223 of at most {_PREFIX_CHARS} signs,"
            f" not {value!r}"
        )
    return str(value)


def _price(value: Any, where: str, *, key: str = "price") -> int:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= value <= _MOST:
        raise ConfigError(f"{where} `{key}` must be a number from 0 to {_MOST}, not {value!r}")
    return round(float(value) * MICROS)


def _truth(value: Any, key: str, where: str) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(f"{where} `{key}` must be true or false, not {value!r}")
    return value


def _words(value: Any, key: str, where: str) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise ConfigError(f"{where} `{key}` must be a list of words, not {value!r}")
    return frozenset(value)
