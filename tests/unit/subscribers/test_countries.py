"""config/countries.toml: which number is of which row, and what stops the start."""

import copy
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import ConfigError
from app.subscribers.countries import BEYOND, parse

SHIPPED = tomllib.loads((Path(__file__).parents[3] / "config" / "countries.toml").read_text())
COUNTRIES = parse(SHIPPED, file="countries.toml")


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ("+22376120001", "ML"),
        ("+2250501020304", "CI/mtn"),
        ("+2250701020304", "CI"),
        ("+224620000000", "GN"),
        ("+33612345678", "other"),
        ("+22", "other"),
    ],
)
def test_a_number_is_of_the_row_with_its_longest_prefix(phone: str, code: str) -> None:
    assert COUNTRIES.tariff_of(phone).code == code


def test_an_operator_has_what_its_country_has_where_it_says_nothing_else() -> None:
    country, operator = COUNTRIES.tariff("CI"), COUNTRIES.tariff("CI/mtn")

    assert operator.price == country.price == 100_000
    assert operator.senders == {"alphanumeric"} < country.senders
    assert operator.country == "CI"


def test_an_operator_that_left_the_file_is_its_country() -> None:
    assert COUNTRIES.tariff("CI/orange").code == "CI"
    assert COUNTRIES.tariff("ZZ").code == COUNTRIES.tariff(None).code == "other"


def test_mali_hears_answers_through_a_gateway_alone() -> None:
    mali = COUNTRIES.tariff("ML")

    assert mali.can_answer(["gateway"])
    assert not mali.can_answer(["twilio"])
    assert not mali.can_answer(["gateway", "twilio"])
    assert not mali.can_answer([])


def test_long_messages_do_not_reach_guinea_whole() -> None:
    assert "GN" in COUNTRIES.in_one_segment
    assert "ML" not in COUNTRIES.in_one_segment


def test_calls_and_whatsapp_have_prices_by_country_all_of_them_estimates() -> None:
    called, unlisted = (COUNTRIES.tariff_on("voice", one) for one in ("+22507123456", "+4912345"))

    assert (called.code, called.country, unlisted.code) == ("voice:CI", "CI", "voice:other")
    assert COUNTRIES.tariff("voice:ML").price == 600_000
    assert COUNTRIES.tariff("whatsapp:SN").price == COUNTRIES.tariff("whatsapp:other").price
    assert all(one.estimate for one in COUNTRIES.beyond.values())
    table = {"currency": "EUR", "other": SHIPPED["other"] | {"voice": -1}}
    with pytest.raises(ConfigError, match=r"\[other\] `voice` must be a number"):
        parse(table, file="countries.toml")
    bare = {key: value for key, value in SHIPPED["other"].items() if key not in BEYOND}
    assert (
        parse({"currency": "EUR", "other": bare}, file="c").tariff_on("voice", "+1").code == "other"
    )


def test_a_known_price_says_where_it_is_from_and_of_which_day() -> None:
    table = copy.deepcopy(SHIPPED)
    del table["ML"]["estimate"]
    table["ML"] |= {"price": 0.0315, "source": "contract 12", "on": date(2025, 9, 1)}

    mali = parse(table, file="countries.toml").tariff("ML")

    assert (mali.price, mali.estimate, mali.on) == (31_500, False, date(2025, 9, 1))


def _mtn(**values: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda table: table["CI"]["operators"]["mtn"].update(values)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.update(currency="euro"), "`currency`"),
        (lambda table: table.pop("other"), "[other] is missing"),
        (lambda table: table.update(Mali=table["ML"]), "[Mali] is no country"),
        (lambda table: table["ML"].pop("two_way"), "[ML] `two_way` is missing"),
        (lambda table: table["ML"].update(pric=1), "[ML] `pric` is not known"),
        (lambda table: table["ML"].update(price="0.1"), "[ML] `price` must be a number"),
        (lambda table: table["ML"].update(price=True), "from 0 to 1000, not True"),
        (lambda table: table["ML"].update(price=-1), "from 0 to 1000, not -1"),
        (lambda table: table["ML"].pop("estimate"), "[ML] `price` needs `source` and `on`"),
        (lambda table: table["ML"].update(on="2025"), "[ML] `on` must be a day"),
        (lambda table: table["ML"].update(links="yes"), "[ML] `links` must be true or false"),
        (lambda table: table["ML"].update(senders=["pigeon"]), "'pigeon' is not one of"),
        (lambda table: table["ML"].update(dial="223"), "[ML] `dial` must be a prefix"),
        (lambda table: table["SN"].update(dial="+223"), "+223 is both ML and SN"),
        (lambda table: table["other"].update(dial="+1"), "[other] `dial` is not known"),
        (_mtn(prefixes=["+22305"]), "[CI.operators.mtn] `prefixes`: +22305 is not of CI"),
        (_mtn(prefixes=[]), "`prefixes` must be a list"),
        (_mtn(price=0.2), "[CI.operators.mtn] `price` needs `source` and `on`"),
        (_mtn(prefixes=["+225050102"]), "of at most 8 signs"),
    ],
)
def test_a_slip_stops_the_start_with_file_row_and_key(
    change: Callable[[dict[str, Any]], Any], said: str
) -> None:
    table = copy.deepcopy(SHIPPED)
    change(table)

    with pytest.raises(ConfigError, match=r"^countries\.toml") as stopped:
        parse(table, file="countries.toml")

    assert said in str(stopped.value)
