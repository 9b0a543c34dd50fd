"""What people write for short is read as the words in full."""

import pytest

from app.subscribers.understood import Action
from tests.harness.understanding import read


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("slt ns sommes bien arrivés a Kayes sans pb", "salut bien arrivés a Kayes sans problème"),
        ("barrage ds la zone de Diema dps hier", "barrage dans la zone de Diema depuis hier"),
        ("route Kayes Bamako pr 2m1", "route Kayes Bamako pour demain"),
        ("merci bcp", "merci beaucoup"),
    ],
)  # fmt: skip
def test_a_message_in_shorthand_is_read_as_in_full(short: str, full: str) -> None:
    reading, meant = read(short), read(full)

    assert (reading.action, reading.kind, reading.places) == (
        meant.action,
        meant.kind,
        meant.places,
    )


def test_thanks_in_shorthand_are_thanks() -> None:
    assert read("Merci bcp").action is Action.ACKNOWLEDGE
