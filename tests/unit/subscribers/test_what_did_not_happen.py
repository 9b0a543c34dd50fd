"""What is threatened, meant or nearly done is not told as done; what follows is not the cause."""

import pytest

from app.subscribers.understood import Action
from tests.harness.understanding import read


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Ils ont menacé de bruler tout camion citerne qui va a Kayes", "blockade_threat"),
        ("They threatened to attack Kayes", "blockade_threat"),
        ("citernes brulées a Kayes", "fuel_interception"),
        ("ACCIDENT SUR LA RN6 VERS BLA, ROUTE BLOQUEE", "accident"),
        ("route bloquée vers Bla", "roadblock"),
        ("WFP truck hijacked 15km N of Douentza, driver released", "banditry"),
        ("les chauffeurs arretés à Diema sont libérés", "hostage_release"),
        ("Convoi attaqué près de Kolondiéba. 3 citernes en feu. Bilan non connu",
         "fuel_interception"),
    ],
)  # fmt: skip
def test_the_kind_is_what_happened(text: str, kind: str) -> None:
    reading = read(text)

    assert (reading.action, reading.kind) == (Action.REPORT, kind)


@pytest.mark.parametrize(
    "text",
    [
        "ils vont attaquer Diema", "ils veulent bruler les citernes a Diema",
        "ils ont failli bruler une citerne a Diema", "they will attack Diema",
        "ils attaqueront Kayes", "ils bruleront les citernes a Diema",
        "des jihadistes bloqueront la route de Kayes",
    ],
)  # fmt: skip
def test_what_is_meant_or_nearly_done_is_asked_back(text: str) -> None:
    assert read(text).action is Action.UNCLEAR


@pytest.mark.parametrize(
    "text", ["Siguiri kourémalé route ok", "la route est calme entre Koulikoro et Banamba"]
)
def test_who_says_that_a_road_is_calm_is_offered_a_safe_passage(text: str) -> None:
    assert Action.SAFE_TRANSIT in [choice.action for choice in read(text).choices]


def test_it_passes_asks_only_with_a_question_mark_or_without_news() -> None:
    texts = ("Frontière ouverte à Zégoua ça passe", "Kita ça passe", "Kita pont cassé ça passe ?")
    told, bare, asked = map(read, texts)

    assert told.action is Action.UNCLEAR
    assert Action.SAFE_TRANSIT in [choice.action for choice in told.choices]
    assert (bare.action, asked.action) == (Action.ASK_STATE, Action.ASK_STATE)


def test_what_is_meant_somewhere_is_offered_as_a_danger() -> None:
    assert Action.REPORT in [choice.action for choice in read("ils vont attaquer").choices]


@pytest.mark.parametrize(
    "text", ["l'armée a repoussé une attaque a Diema", "attaque déjouée a Diema"]
)
def test_an_attack_that_was_repelled_still_tells_of_who_attacked(text: str) -> None:
    reading = read(text)

    assert (reading.action, reading.places) == (Action.REPORT, ("Diéma",))


@pytest.mark.parametrize(
    "text",
    [
        "Le blocus de Nioro est démenti. Personne ne passe.",
        "Blocus de Nioro démenti, les camions passent pas",
        "Pas de barrage à Diéma. Aucun camion n'arrive",
    ],
)
def test_a_denial_beside_which_nothing_moves_is_asked_about(text: str) -> None:
    reading = read(text)

    assert reading.action is Action.UNCLEAR
    assert not reading.denied
    assert Action.REPORT in [choice.action for choice in reading.choices]


def test_a_denial_beside_which_trucks_pass_is_one() -> None:
    assert read("Le blocus de Nioro est démenti. Les camions passent.").denied
