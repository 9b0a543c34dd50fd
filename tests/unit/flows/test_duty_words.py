"""What the person on duty reads of numbers that may be forged: one SMS with what to do."""

from dataclasses import replace

import pytest

from app.alerts.sms_text import to_gsm7
from app.core.gsm7 import is_gsm7
from app.delivery.outbox.notices import (
    DURESS,
    FLOOD,
    KINDS,
    SILENCED,
    STOPS,
    STRANGER,
    UNANSWERED,
    UNANSWERED_OF,
    UNREACHED,
    Notice,
)
from app.flows.sending.tell_duty import DURESS_PREFIX, text_of


def a_notice(kind: str) -> Notice:
    about = f"{kind}:2025-09-08"
    return Notice(id="n", kind=kind, about=about, channel="sms", words="", number=120, attempts=0)


@pytest.mark.parametrize(
    ("kind", "language", "says", "looks"),
    [
        (STOPS, "fr", " REPRENDRE.", "/v1/inbound?action=stop"),
        (STOPS, "en", " START.", "/v1/inbound?action=stop"),
        (FLOOD, "fr", "appelez ces personnes.", "/v1/inbound?outcome=flood"),
        (FLOOD, "en", "call these people.", "/v1/inbound?outcome=flood"),
        (SILENCED, "fr", "Demandez si c'est voulu.", "/v1/audit?subject_type=contact"),
        (SILENCED, "en", "Ask whether it is meant.", "/v1/audit?subject_type=contact"),
        (STRANGER, "fr", "annulez-les au bureau.", "/desk"),
        (STRANGER, "en", "refute them at the desk.", "/desk"),
    ],
)
def test_what_may_be_forged_is_told_in_one_sms_with_what_to_do(
    kind: str, language: str, says: str, looks: str
) -> None:
    notice = a_notice(kind)

    alone = to_gsm7(text_of(notice, language=language, public_url=None))
    linked = text_of(notice, language=language, public_url="https://sira.example")

    assert "120" in alone
    assert says in alone
    assert is_gsm7(alone)
    assert len(alone) <= 160
    assert linked.endswith(f" https://sira.example{looks}")


@pytest.mark.parametrize(
    ("kind", "about", "page"),
    [
        (UNREACHED, "01a", "/desk/alerts/01a"),
        (UNANSWERED, f"{UNANSWERED_OF}01a", "/desk/alerts/01a"),
        (DURESS, f"{DURESS_PREFIX}01a", "/desk/messages/01a"),
    ],
)
def test_who_is_to_be_called_stands_on_a_page_that_a_telephone_opens(
    kind: str, about: str, page: str
) -> None:
    notice = replace(a_notice(kind), about=about)

    text = text_of(notice, language="fr", public_url="https://sira.example")

    assert text.endswith(f" https://sira.example{page}")


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("language", ["fr", "en"])
def test_there_are_words_for_all_that_is_taken_to_be_told(kind: str, language: str) -> None:
    assert text_of(a_notice(kind), language=language, public_url=None).startswith("Sira: ")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_french_is_written_with_the_accents_that_an_sms_keeps(kind: str) -> None:
    said = text_of(a_notice(kind), language="fr", public_url=None)

    assert " a " not in said, 'none of them says that somebody "a": it is "à"'
    assert is_gsm7(to_gsm7(said))
