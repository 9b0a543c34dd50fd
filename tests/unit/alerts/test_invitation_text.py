"""What an invitation says fits one SMS, whoever invites."""

import pytest

from app.alerts.invitation_text import (
    Answering,
    wording_of,
    write_answer,
    write_mail,
    write_sms,
)
from app.alerts.sms_text import segments
from app.core.gsm7 import is_gsm7

NAMES = [
    "UNTRC",
    "Union Nationale des Transporteurs Routiers et Conducteurs du Mali, section de Kayes et Nioro",
    "Coopérative « Sira ɲɛ » des chauffeurs",
    "x" * 200,
    "{code} {who}",
    "€" * 60,
    "ዓለም",
]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("answering", [Answering.REPLY, Answering.READ_OUT])
@pytest.mark.parametrize("who", NAMES)
def test_an_invitation_is_one_segment_and_says_who_and_the_code(
    language: str, answering: Answering, who: str
) -> None:
    text = write_sms(wording_of(language, answering).name, who=who, code="482193")

    assert is_gsm7(text)
    assert segments(text) == 1
    assert "482193" in text
    assert ("OK 482193" in text) is (answering is Answering.REPLY)


def test_a_name_is_shortened_at_a_word_and_replaced_where_no_word_fits() -> None:
    name = wording_of("fr", Answering.REPLY).name

    assert "Union Nationale des" in write_sms(name, who=NAMES[1], code="1")
    assert "une organisation vous invite" in write_sms(name, who=NAMES[3], code="1")
    assert "une organisation vous invite" in write_sms(name, who="ዓለም", code="1")


def test_an_e_mail_has_a_link_only_where_there_is_a_page() -> None:
    who = "Union\r\nBcc: x"
    subject, text = write_mail("fr/link", who=who, code="1", link="https://s/join/x")
    _, without = write_mail("en/mail", who=who, code="1", link=None)

    assert "\n" not in subject
    assert "https://s/join/x" in text
    assert "None" not in without
    assert "http" not in without


@pytest.mark.parametrize("language", ["fr", "en", "bm"])
@pytest.mark.parametrize("what", ["right", "wrong", "spent", "refused"])
def test_an_answer_is_one_segment(language: str, what: str) -> None:
    text = write_answer(language, what)

    assert is_gsm7(text)
    assert segments(text) == 1
