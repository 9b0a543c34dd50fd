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


TOLD = Standing(told=read("convoi attaqué à Diéma"))


@pytest.mark.parametrize(
    "text",
    [
        "erreur c'était pas Diéma c'est Sandaré",
        "correction: Sandaré",
        "pas à Diéma mais à Sandaré",
        "je me suis trompé de ville c'est Sandaré",
        "c'est plutôt vers Sandaré",
        "sorry I meant Sandaré",
        "not Diema, Sandaré",
    ],
)
def test_what_was_told_is_told_where_it_is_said_to_have_been_after_all(text: str) -> None:
    reading = read(text, TOLD)

    assert (reading.action, reading.kind, reading.missing) == (
        Action.REPORT, "convoy_ambush", None,
    )  # fmt: skip
    assert reading.location is not None
    assert (reading.location.label, reading.moved_from) == ("Sandaré", "Diéma")


def test_a_distance_that_was_left_out_is_told_by_the_town_it_is_from() -> None:
    reading = read("correction: c'est à 20 km de Diéma vers Lakamané", TOLD)

    assert reading.location is not None
    assert (reading.location.how, reading.moved_from) == ("km 20 from Diéma to Lakamané", "Diéma")


@pytest.mark.parametrize(
    "text",
    [
        "on va plutôt à Sandaré",
        "je passe plutôt par Sandaré",
        "Sandaré",
        "Sandaré calme",
        "pas Diéma",
        "erreur, demain je vais à Sandaré",
        "annulez l'alerte à Sandaré",
        "c'est à Sandaré?",
    ],
)
def test_what_may_be_said_of_something_else_moves_no_report(text: str) -> None:
    assert read(text, TOLD).action is not Action.REPORT
    assert read(text, TOLD).moved_from is None


@pytest.mark.parametrize("text", ["correction: Sandaré", "c'est Sandaré pas Diéma"])
def test_who_has_told_nothing_moves_nothing(text: str) -> None:
    assert read(text).action is Action.UNCLEAR


@pytest.mark.parametrize(
    "text",
    [
        "en fait c'était une fausse alerte", "annuler mon alerte", "annule l'alerte",
        "erreur de ma part", "cancel my report",
    ],
)  # fmt: skip
def test_a_report_is_taken_back_in_other_words(text: str) -> None:
    reading = read(text, TOLD)

    assert (reading.denied, reading.places) == (True, ("Diéma",))


def test_the_first_word_of_a_sentence_is_no_language() -> None:
    assert read("en fait c'était rien").missing is not Missing.LANGUAGE
    assert read("can you write me in english").missing is Missing.LANGUAGE
