"""What stands in front of a name, and what stays on one line."""

import pytest

from app.core.text import as_cell, de, from_cell, tied


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


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+cmd|' /C calc'!A0", "'-2+cmd|' /C calc'!A0"),
        ("+", "'+"),
        ("\tx", "'\tx"),
        ("\n=x", "'\n=x"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\uff20SUM(A1)", "'\uff20SUM(A1)"),
        ("-9.5", "-9.5"),
        ("+223 76 00 00 01", "+223 76 00 00 01"),
        ("-1.5e-3", "-1.5e-3"),
        ("'=x", "'=x"),
        ("l'attaque = rien", "l'attaque = rien"),
        ("", ""),
    ],
)
def test_no_cell_is_run_by_a_spreadsheet_and_numbers_stay(text: str, cell: str) -> None:
    assert as_cell(text) == cell
    assert from_cell(cell) == text.removeprefix("'")
