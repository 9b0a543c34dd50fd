"""What stands in front of a name, and what stays on one line."""

import pytest

from app.core.text import de, tied


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


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Où ?", "Où~?"),
        ("règle « Kayes » : grave ; fin !", "règle «~Kayes~»~: grave~; fin~!"),
        ('<p style="a : b">Fait : rien</p>', '<p style="a : b">Fait~: rien</p>'),
        ("Fuel: stopped at 14:30; no more", "Fuel: stopped at 14:30; no more"),
    ],
)
def test_no_sign_of_french_begins_a_line(written: str, read: str) -> None:
    assert tied(written) == read.replace("~", "\N{NO-BREAK SPACE}")
