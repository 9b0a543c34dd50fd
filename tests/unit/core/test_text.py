"""What stands in front of a name."""

import pytest

from app.core.text import de


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Kayes", "de Kayes"),
        ("Ansongo", "d'Ansongo"),
        ("Élan", "d'Élan"),
        ("I-n-Tillit", "d'I-n-Tillit"),
        ("Yélimané", "de Yélimané"),
        ("Hombori", "de Hombori"),
    ],
)
def test_de_loses_its_vowel_before_a_vowel(name: str, said: str) -> None:
    assert de(name) == said
