import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.incidents.figures import counted, matchable, parse_range, widest
from app.incidents.report import Range


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("20-40", 20, 40),
        ("about 30", 30, 30),
        ("51", 51, 51),
        ("1,000 tankers", 1000, 1000),
        ("40 vs 80 of 100+", 40, 100),
        ("entre 2 000 et 3 000", 2000, 3000),
    ],
)
def test_a_figure_in_words_is_a_range(text: str, low: int, high: int) -> None:
    assert parse_range(text) == Range(low=low, high=high)


@pytest.mark.parametrize("text", ["several dozen", "", None])
def test_a_figure_without_a_number_is_not_known(text: str) -> None:
    assert parse_range(text) is None


@pytest.mark.parametrize(
    ("figures", "unitless", "expected"),
    [
        ("80 in convoy; 20 burned", None, {"vehicles": (20, 80)}),
        ("130 burned", None, {"vehicles": (130, 130)}),
        ("51 of 100+", "vehicles", {"vehicles": (51, 100)}),
        ("3 killed, 3 wounded; 3 trucks", None, {"fatalities": (3, 3), "vehicles": (3, 3)}),
        ("25 killed, 13 wounded", None, {"fatalities": (25, 25)}),
        ("4 hostages, 2 vehicles", None, {"abducted": (4, 4), "vehicles": (2, 2)}),
        ("6 (2 drivers, 4 apprentices, 3 trucks)", "abducted", {"abducted": (6, 6)}),
        ("10 km queue", "vehicles", {}),
        ("USD 50 million", "abducted", {}),
        ("30 attackers, 1 soldier; 6 January 22:00", "fatalities", {}),
        ("40", None, {}),
        ("4 shells; 1 hurt", "fatalities", {}),
        ("80+ attackers", "fatalities", {}),
        ("7 localités", "fatalities", {}),
        ("3 robbed", "vehicles", {}),
        ("14 attackers killed and 31 arrested", "fatalities", {}),
        ("21 dead; 495 houses", "fatalities", {"fatalities": (21, 21)}),
        ("15 bodies; 12 trucks", "vehicles", {"fatalities": (15, 15), "vehicles": (12, 12)}),
        ("au moins 40 en tout", "vehicles", {"vehicles": (40, 40)}),
        ("40 le 13 septembre", "vehicles", {"vehicles": (40, 40)}),
    ],
)
def test_figures_count_what_stands_beside_them(
    figures: str, unitless: str | None, expected: dict[str, tuple[int, int]]
) -> None:
    found = counted(figures, unitless=unitless)

    assert {unit: (r.low, r.high) for unit, r in found.items()} == expected


@pytest.mark.parametrize(
    ("figures", "unitless", "told", "expected"),
    [
        ("10", "fatalities", "JNIM claims the barracks and ten prisoners", {}),
        ("2", "vehicles", "Deux morts dans l'attaque d'un car", {"fatalities": (2, 2)}),
        ("12", "fatalities", "Douze blessés à l'hôpital de Bla", {}),
        ("6", "fatalities", "Six camions brûlés devant le camp", {"vehicles": (6, 6)}),
        ("3", "vehicles", "Three hostages still held", {"abducted": (3, 3)}),
        ("4", "fatalities", "Le camp attaqué, dit une source", {"fatalities": (4, 4)}),
        ("4", "fatalities", "Quatre selon une source", {"fatalities": (4, 4)}),
        ("4 killed", "vehicles", "Four trucks burned", {"fatalities": (4, 4)}),
        ("10", "fatalities", "10 km from Fana gunmen killed 10", {"fatalities": (10, 10)}),
        ("8", "vehicles", "8 jours après, 8 morts", {"fatalities": (8, 8)}),
        ("5", "fatalities", "Route coupée 5 jours", {}),
    ],
)
def test_a_bare_number_counts_what_the_claim_says_that_it_counts(
    figures: str, unitless: str, told: str, expected: dict[str, tuple[int, int]]
) -> None:
    """Ten prisoners went out as ten dead, and two dead as two vehicles."""
    found = counted(figures, unitless=unitless, told=told)

    assert {unit: (r.low, r.high) for unit, r in found.items()} == expected


def test_years_and_days_do_not_make_two_claims_alike() -> None:
    assert matchable("13 Oct 2025, RN1 km 34", "12:30") == ()
    assert matchable("80 in convoy", "attack on 80 of 1,000 tankers") == (80, 1000)


@given(st.lists(st.integers(0, 500), min_size=1))
def test_the_widest_range_holds_every_figure_said(figures: list[int]) -> None:
    whole = widest([None, *(Range(low=n, high=n + 1) for n in figures)])

    assert whole == Range(low=min(figures), high=max(figures) + 1)


@given(st.text(max_size=200))
def test_any_text_can_be_read_for_figures(text: str) -> None:
    for found in counted(text, unitless="vehicles").values():
        assert 0 < found.low <= found.high
