"""Distances said in words, in figures and kilometres."""

import pytest

from app.roads.spelt import in_km


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("à vingt km de Diéma", "à 20 km de Diéma"),
        ("quinze kilomètres de Kayes", "15 km de Kayes"),
        ("une trentaine de km de Nioro", "30 km de Nioro"),
        ("vingt-cinq km", "25 km"),
        ("quatre vingt dix sept km", "97 km"),
        ("soixante et onze km", "71 km"),
        ("deux cent cinquante km", "250 km"),
        ("dix-sept bornes de San", "17 km de San"),
        ("15kms de Kayes", "15 km de Kayes"),
        ("twenty five kilometers from Gao", "25 km from Gao"),
        ("a hundred and ten km from Gao", "110 km from Gao"),
        ("ten miles north of Kayes", "16 km north of Kayes"),
    ],
)
def test_distances_in_words_are_read(said: str, read: str) -> None:
    assert in_km(said) == read


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("à cinq six km de Diéma", "à cinq 6 km de Diéma"),  # the last, and no eleven
        ("vingt dix km", "vingt 10 km"),
        ("12,5 km de Kayes", "12,5 km de Kayes"),
        ("12.5 miles north", "12.5 miles north"),
        ("payé cinq miles pour passer", "payé cinq miles pour passer"),  # money
        ("vingt camions à Kayes", "vingt camions à Kayes"),
    ],
)
def test_what_is_no_one_distance_is_left(said: str, read: str) -> None:
    assert in_km(said) == read
