"""Counting and transliteration, against an independent counter (PyPI smsutil)."""
# ruff: noqa: RUF001 - letters that look alike are what is tested

import unicodedata

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from app.alerts.sms_text import segments, to_gsm7
from app.core.gsm7 import BASIC, EXTENSION, is_gsm7

GSM_TEXT = st.text(st.sampled_from(sorted(BASIC | EXTENSION)), max_size=700)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=700)


def parts_by_smsutil(text: str) -> int:
    return len(smsutil.split(text).parts)


@given(GSM_TEXT.filter(bool))
def test_segments_of_gsm_texts_agree_with_smsutil(text: str) -> None:
    assert segments(text) == parts_by_smsutil(text)


@given(ANY_TEXT.filter(bool))
def test_segments_of_any_text_agree_with_smsutil(text: str) -> None:
    assert segments(text) == parts_by_smsutil(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("é" * 160, 1),
        ("€" * 80, 1),
        ("€" * 81, 2),
        # the 153rd septet would be the escape: both septets go to the next part
        ("a" * 152 + "€" + "a" * 152, 3),
        ("ê" * 70, 1),
        ("ê" * 71, 2),
        ("a" * 153 + "ê", 3),
        ("ê" * 66 + "😀" + "ê" * 66, 3),
    ],
)
def test_a_part_is_160_or_153_septets_or_70_or_67_units(text: str, count: int) -> None:
    assert segments(text) == count


@given(ANY_TEXT)
def test_whatever_comes_in_leaves_in_gsm7_without_question_marks(text: str) -> None:
    without_marks = "".join(char for char in text if "?" not in unicodedata.normalize("NFKD", char))

    result = to_gsm7(without_marks)

    assert is_gsm7(result)
    assert "?" not in result


@given(GSM_TEXT)
def test_a_text_in_gsm7_is_left_as_it_is(text: str) -> None:
    assert to_gsm7(text) == text


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("arrêtez-vous à l’entrée", "arretez-vous à l'entrée"),
        ("Kéniéba, Naréna, Ménaka", "Kéniéba, Naréna, Ménaka"),
        ("ça, «œuvre» – sœur…", 'ca, "oeuvre" - soeur...'),
        ("Ça ÇA", "Ça ÇA"),
        ("À BIENTÔT, ÉLEVÉ", "A BIENTOT, ÉLEVÉ"),
        ("40\u00a0citernes\u202f!", "40 citernes !"),
        ("Ségu sira, bɛɛ ɲɛ, ŋ", "Ségu sira, bee nye, ng"),
        ("Laawol ɗo, Ɓamɓanɗe", "Laawol do, Bambande"),
        ("Ƙarƙashin hanya", "Karkashin hanya"),
        ("Tamažəq, aɣaram", "Tamazeq, agharam"),
        ("sʋka tɩ bãmbo", "suka ti bambo"),
        ("Ṭinṭâne, Naïla, Ayoûn", "Tintane, Naila, Ayoun"),
        ("e\u0301te\u0301", "été"),
        ("route 🚚 libre", "route  libre"),
        ("طريق", ""),
    ],
)
def test_letters_outside_the_alphabet_become_what_a_reader_accepts(written: str, sent: str) -> None:
    assert to_gsm7(written) == sent


def test_one_circumflex_would_have_cost_two_more_sms() -> None:
    text = "DANGER GRAVE carburant: Sandaré-Diéma (RN1). Arrêtez-vous à la ville proche. " * 2

    assert (segments(text[:144]), segments(to_gsm7(text[:144]))) == (3, 1)
