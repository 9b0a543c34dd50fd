import hashlib
from typing import Any

import pytest

from app.core.errors import ConfigError
from app.incidents import origins
from app.incidents.origins import marks_of, origin_of, outlet_of
from tests.harness.incidents import POLICY, a_filed


def hashed(text: Any) -> Any:
    return hashlib.sha256(b"key" + text.encode()).hexdigest()


def origin(reporter: Any = "k1", **changes: Any) -> Any:
    return origin_of(a_filed(**changes), reporter=reporter, policy=POLICY.origins)


@pytest.mark.parametrize(
    ("source_name", "one"),
    [
        ("allAfrica (RFI)", "rfi"),
        ("Africanews/AFP", "afp"),
        ("RFI via allAfrica", "rfi"),
        ("APA News (search)", "apa"),
        ("TV5Monde (AFP)", "afp"),
        ("Thiesinfo (RFI)", "rfi"),
        ("Sersy Group (Confidentiel Afrique)", "confidentiel afrique"),
        ("Exclusif.net (Confidentiel Afrique)", "confidentiel afrique"),
        ("MRE News (claim)", "mre news"),
        ("MRE News", "mre news"),
        ("Le Quotidien (Senegal)", "le quotidien"),
        ("L'Essor", "l essor"),
        ("BBC Verify (mirror)", "bbc"),
        ("Koaci", "koaci"),
    ],
)
def test_outlets_that_quote_one_source_are_that_source(source_name: str, one: str) -> None:
    assert outlet_of(source_name, POLICY.origins) == one


def test_a_person_is_known_by_the_key_whatever_name_they_give() -> None:
    awa = origin(source_type="driver", source_name="Awa")
    moussa = origin(source_type="driver", source_name="Moussa")

    assert awa == moussa
    assert "awa" not in awa.lower()
    assert origin("k2", source_type="driver") != awa


def test_a_page_without_a_name_is_known_by_its_host() -> None:
    one = origin(source_name=None, source_url="https://www.example.org/a")
    other = origin(source_name=None, source_url="http://example.org/b?c=d")

    assert one == other
    assert origin(source_name=None, source_url="http://[bad") == "reporter:k1"


def test_a_copied_page_or_text_leaves_the_same_mark() -> None:
    page = marks_of(a_filed(source_url="https://www.example.org/a/"), hashed, common=frozenset())
    same = marks_of(
        a_filed(source_url="http://example.org/a", summary="Other words"),
        hashed,
        common=frozenset(),
    )
    text = marks_of(
        a_filed(summary="TANKER convoy ambushed, between Kaniera and Lakamane"),
        hashed,
        common=frozenset(),
    )

    assert page[0] == same[0]
    assert page[1] == text[0]


def test_few_words_may_be_the_same_by_chance() -> None:
    assert marks_of(a_filed(summary="Tanker attacked"), hashed, common=frozenset()) == ()


def test_marks_say_nothing_in_clear() -> None:
    filed = a_filed(
        source_url="https://example.org/awa", summary="Awa saw six tankers burn at Diema"
    )

    assert all("awa" not in mark.lower() for mark in marks_of(filed, hashed, common=frozenset()))


def test_a_policy_without_agencies_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"incidents.toml: \[origins\]"):
        origins.parse({"ignored": []}, file="incidents.toml")
