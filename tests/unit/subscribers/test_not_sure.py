"""Who is not sure of what he says, or says that the road is not, is asked what he means."""

import pytest

from app.subscribers.understood import Action
from tests.harness.understanding import read


@pytest.mark.parametrize(
    "text",
    [
        "convoi passé à Lakamané pas sûr",
        "convoi passé à Lakamané je ne sais pas",
        "OK Lakamané inconnu",
        "route pas sûr Lakamané",
        "barrage à Diéma pas sûr",
        "convoy passed at Lakamané not sure",
        "convoy passed at Lakamané don't know",
    ],
)
def test_he_has_passed_nowhere_and_asks_nothing(text: str) -> None:
    assert read(text).action is Action.UNCLEAR
