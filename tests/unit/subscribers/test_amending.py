"""A place that is taken back is asked about, the one said last first."""

import pytest

from app.subscribers.understood import Action, Missing, Standing
from tests.harness.understanding import read


@pytest.mark.parametrize(
    "text",
    [
        "barrage à Kita, pardon, à Kéniéba",
        "kita non pardon c kéniéba ya barrage armé",
        "barrage a kita... erreur c a keniéba pas kita",
        "roadblock at Kita I mean Kéniéba",
    ],
)
def test_of_two_places_the_one_meant_is_asked(text: str) -> None:
    reading = read(text)

    assert (reading.action, reading.kind) == (Action.REPORT, "roadblock")
    assert reading.missing is Missing.PLACE
    assert [choice.place for choice in reading.choices] == ["Kéniéba", "Kita"]


def test_who_begs_pardon_before_he_tells_takes_nothing_back() -> None:
    reading = read("pardon, barrage entre Kita et Kéniéba")

    assert reading.missing is None or not any("taken back" in one for one in reading.reasons)


def test_what_did_not_happen_at_a_place_is_no_report_there() -> None:
    assert read("attaque pas à Diéma").action is Action.UNCLEAR


@pytest.mark.parametrize(
    "text",
    [
        "c'est faux ce que j'ai dit", "c faux ce ke jai dit tout a lheure", "j'ai menti",
        "jme suis trompé pas de barrage", "annulez ce que j'ai dit",
    ],
)  # fmt: skip
def test_who_takes_his_own_report_back_in_his_own_words_is_understood(text: str) -> None:
    told = read("barrage à Kita")

    back = read(text, Standing(told=told))

    assert (back.action, back.denied, back.places) == (Action.UNCLEAR, True, ("Kita",))
    assert not read(text).denied
