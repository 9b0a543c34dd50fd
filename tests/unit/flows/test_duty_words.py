"""What the person on duty reads of many STOPs: one SMS with what to do."""

import pytest

from app.alerts.sms_text import is_gsm7, to_gsm7
from app.delivery.outbox.notices import STOPS, STOPS_OF, Notice
from app.flows.tell_duty import text_of


@pytest.mark.parametrize(("language", "again"), [("fr", "REPRENDRE"), ("en", "START")])
def test_many_stops_are_told_in_one_sms_with_what_to_write_to_be_warned_again(
    language: str, again: str
) -> None:
    notice = Notice(
        id="n",
        kind=STOPS,
        about=f"{STOPS_OF}2025-09-08",
        channel="sms",
        words="",
        number=120,
        attempts=0,
    )

    alone = to_gsm7(text_of(notice, language=language, public_url=None))
    linked = text_of(notice, language=language, public_url="https://sira.example")

    assert "120" in alone
    assert f" {again}." in alone
    assert is_gsm7(alone)
    assert len(alone) <= 160
    assert linked.endswith(" https://sira.example/v1/inbound?action=stop")
