from datetime import timedelta
from typing import Any

import pytest

from app.incidents.filed import check_filed
from app.incidents.personal import without_addresses
from app.incidents.report import Range
from app.roads.geometry import Position
from tests.harness.incidents import CARGOES, KINDS, NOON, a_filed, a_report

NO_END = NOON.replace(year=9999, month=12, day=31)


def faults(**changes: Any) -> Any:
    wrong = check_filed(a_filed(**changes), kinds=KINDS, cargoes=CARGOES, now=NOON)
    return {entry["pointer"]: entry["detail"] for entry in wrong}


def test_a_sound_report_has_no_fault() -> None:
    assert faults() == {}


@pytest.mark.parametrize(
    ("pointer", "changes"),
    [
        ("/kind", {"kind": "fuel_intercept"}),
        ("/cargo", {"cargo": "zebras"}),
        ("/source/type", {"source_type": "rumour"}),
        ("/date_precision", {"date_precision": "century"}),
        ("/occurred_at", {"occurred_at": NOON + timedelta(days=3)}),
        ("/occurred_at", {"occurred_at": NOON + timedelta(hours=3), "date_precision": "instant"}),
        ("/occurred_at", {"occurred_at": NOON - timedelta(days=4000)}),
        ("/occurred_at", {"occurred_at": NOON.replace(tzinfo=None)}),
        ("/reported_at", {"reported_at": NOON + timedelta(days=1)}),
        (
            "/reported_at",  # "no end", as spreadsheets write it, and nothing may be added to it
            {"kind": "roadblock", "reported_at": NO_END, "starts_at": NOON},
        ),
        ("/summary", {"summary": "a\x00b"}),
        ("/summary", {"summary": "x" * 2001}),
        ("/source/name", {"source_name": "x" * 201}),
        ("/place", {"place": None}),
        ("/position/lat", {"position": Position(95.0, 2.0)}),
        ("/position/lon", {"position": Position(5.0, 200.0)}),
        ("/km", {"km": 12.0}),
        ("/km", {"road": "RN1", "km": -1.0}),
        ("/fatalities", {"fatalities": Range(low=-1, high=3)}),
        ("/vehicles", {"vehicles": Range(low=5, high=3)}),
        ("/abducted", {"abducted": Range(low=1, high=99_999)}),
    ],
)
def test_what_cannot_be_is_told_with_a_pointer_to_its_field(
    pointer: str, changes: dict[str, Any]
) -> None:
    assert list(faults(**changes)) == [pointer]


def test_a_slip_in_the_kind_is_answered_with_the_kind_meant() -> None:
    assert "fuel_interception" in faults(kind="fuel_intercepton")["/kind"]


def test_a_day_may_be_noted_on_its_eve_but_the_incident_is_not_dated_ahead() -> None:
    tomorrow = NOON + timedelta(days=1)

    assert faults(occurred_at=tomorrow) == {}
    assert a_report(occurred_at=tomorrow).occurred_at == NOON


@pytest.mark.parametrize(
    "address",
    [
        "+223 76 12 34 56", "76 12 34 56", "76.12.34.56", "0022376123456", "a.b@union.ml",
        "76-61-44-33", "7662 4433", "766 344 33", "77 344 55 66", "76/66/44/33",
        "76\u201170\u201144\u201133", "76\u00a064\u00a044\u00a033", "+223\u202f76 68 44 33",
        "76  12  34  56", "76 12-34-56", "7612 34 56", "76 12 3456", "76 123456", "76_12_34_56",
        "7 6 1 2 3 4 5 6", "76\u200b12\u200b34\u200b56",
    ],
)  # fmt: skip
def test_no_address_of_a_person_stays_in_the_text(address: str) -> None:
    report = a_report(summary=f"Rappelez {address} svp")

    assert report.summary == "Rappelez [...] svp"


def test_no_field_of_a_report_keeps_an_address_nor_do_its_figures() -> None:
    said = "chez Awa (223) 76 12 34 56 ou awa@union.ml"
    texts = dict.fromkeys(
        ("place", "region", "road", "towards", "summary", "figures", "cargo", "actor", "target",
         "source_name"), said
    )  # fmt: skip

    report = a_report(**texts, source_type="NGO", source_url="https://wa.me/22376123456")

    kept = repr(report)
    assert "76" not in kept
    assert "awa@" not in kept
    assert report.actor == "chez Awa (223) [...] ou [...]"
    assert report.source_url is None


@pytest.mark.parametrize(
    "link",
    [
        "https://wa.me/22376123456", "wa.me/22376123456", "http://wa.me:443/22376123456",
        "tel:+22376123456", "callto:76123456", "viber://chat?number=%2B22376123456",
        "intent://send/22376123456#Intent", "geo:0,0;tel=76123456", "mailto:awa%40union.ml",
        "https://signal.me/#p/+22376123456", "https://api.whatsapp.com/send/?phone%3D22376123456",
        "https://radio.ml/contact?tel=76123456", "https://radio.ml/appel/00223-76-12-34-56",
        "https://radio.ml/76.12.34.56", "https://radio.ml/auteur/awa@union.ml",
        "+223 76 12 34 56", "76123456", "Awa, 76 12 34 56",
    ],
)  # fmt: skip
def test_a_link_to_a_telephone_is_no_page(link: str) -> None:
    report = a_report(source_name="Radio Kayes", source_type="local news", source_url=link)

    assert report.source_url is None


@pytest.mark.parametrize(
    "link",
    [
        "https://www.maliweb.net/2025/09/14/attaque-de-citernes-3098765.html",
        "https://fr.allafrica.com/stories/202509140123.html",
        "https://news.example/202509141230", "https://news.example/20250914123055/mali",
        "https://www.facebook.com/ortm/posts/122145678901234567",
        "https://www.facebook.com/permalink.php?story_fbid=1098765432109876&id=10006123456789",
        "https://x.com/ortm/status/1967123456789012345", "https://lessor.ml/?p=12345678",
        "https://www.senenews.com/actualites/mali-22-camions-brules_543210.html",
        "https://news.example/search?q=mali+20250914", "radiokayes.ml:8080/2025-09-14/kayes",
        "https://www.telegraf.example/call-of-kayes/76123456", "journalessor.ml", "ORTM 20h",
    ],
)  # fmt: skip
def test_the_digits_of_a_page_are_its_own(link: str) -> None:
    report = a_report(source_name="ORTM", source_type="local news", source_url=link)

    assert report.source_url == link


@pytest.mark.parametrize("number", ["76123456", "76 12 34 56", "22376123456"])
def test_nor_a_number_that_is_stuck_to_a_word(number: str) -> None:
    assert a_report(summary=f"appelez tél{number}").summary == "appelez tél[...]"


@pytest.mark.parametrize(
    "told",
    [
        "citernes de 50 000-60 000 litres", "rançon de 2 000 000 000 FCFA", "5000-6000 FCFA",
        "entre 6500 - 7000 litres", "à 14:55 06/09/25", "à 18h50 10/09/25", "PK 55-60 06/09",
        "PK 55-60 10/09/2025", "PK 60 - 80 2025",
    ],
)  # fmt: skip
def test_nor_is_what_a_report_is_about(told: str) -> None:
    assert without_addresses(told) == told


def test_figures_are_not_taken_for_telephone_numbers() -> None:
    text = (
        "40 vs 80 of 100+, 2,000-3,000 refugees, 3 Sept 2025, 13:30, du 06/09-07/09, 06-09-2025,"
        " 2025-09-06, 2024 2025, 12 000 000 FCFA, 76 000 000 FCFA, -9.5928 15.22, GDELT20250107,"
        " le 60/1 ou 2, 5 6 7 8, PK 76 12, 76 camions 12 morts"
    )

    assert without_addresses(text) == text


def test_no_farther_back_is_an_address_looked_for_than_a_mailbox_is_long() -> None:
    # Without that bound a batch of reports of one long word each held up everybody for minutes.
    assert without_addresses(f"{'x' * 100}@example.org") == f"{'x' * 36}[...]"
    assert without_addresses(f"{'x' * 64}@{'b' * 200}.org") == "[...]"


@pytest.mark.parametrize("source_type", ["reporter", "driver", "social"])
def test_the_name_of_a_person_is_not_kept(source_type: Any) -> None:
    report = a_report(
        source_name="Awa D.", source_url="https://example.org/awa", source_type=source_type
    )

    assert report.source_name is None
    assert report.source_url is None


def test_figures_in_words_widen_those_filed() -> None:
    report = a_report(vehicles=Range(low=40, high=40), figures="80 in convoy; 20 burned")

    assert report.vehicles == Range(low=20, high=80)
