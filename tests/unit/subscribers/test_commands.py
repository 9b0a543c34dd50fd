"""Inbound messages as people type them, and what each is understood as.

`inbound_messages.csv` was written before the grammar: what each message means to a person. Several
actions ("report|unclear") are right either way; "?" stands for what has to be asked back.
"""

import csv
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.subscribers.understood import Action, Choice, Courtesy, Missing, Reading, Standing
from tests.harness.understanding import read

MESSAGES = Path(__file__).with_name("inbound_messages.csv")
#: What changes something for others or for the sender.
LASTING = {
    Action.REPORT, Action.SAFE_TRANSIT, Action.ACKNOWLEDGE, Action.SUBSCRIBE, Action.LANGUAGE,
    Action.STOP, Action.START,
}  # fmt: skip


@cache
def as_read() -> list[tuple[dict[str, str], Reading]]:
    """Return each message, and how it is read: that takes seconds, and changes nothing."""
    with MESSAGES.open(encoding="utf-8", newline="") as lines:
        return [(row, read(row["text"])) for row in csv.DictReader(lines)]


def faults(row: dict[str, str], got: Reading) -> list[str]:
    """Return what differs from what a person understands."""
    found = []
    if got.action.value not in row["action"].split("|"):
        found.append(f"action {got.action}")
    said = "?" if got.for_now else got.kind or "?"
    if got.action is not Action.UNCLEAR and said not in (row["kind"] or "?").split("|"):
        found.append(f"kind {got.kind}")
    places = "|".join(got.places)
    if row["places"] != "?" and places != row["places"]:
        found.append(f"places {places}")
    if row["places"] == "?" and not places and not got.missing:
        found.append("no place, and not asked")
    if row["route"] and "|".join(got.routes) != row["route"]:
        found.append(f"route {got.routes}")
    if "|".join(got.cargoes) != row["cargo"]:
        found.append(f"cargo {got.cargoes}")
    return found


def test_messages_are_understood_as_a_person_does_or_asked_back() -> None:
    wrong = {row["text"][:80]: found for row, got in as_read() if (found := faults(row, got))}

    assert len(as_read()) > 750
    assert wrong == {}


def test_most_messages_with_a_meaning_are_understood_at_once() -> None:
    """Asking back is safe; asking back everything would be no service."""
    plain = [got for row, got in as_read() if "unclear" not in row["action"].split("|")]
    understood = [got for got in plain if got.action is not Action.UNCLEAR]

    assert len(plain) > 500
    assert len(understood) == len(plain)


@pytest.mark.parametrize(
    "text",
    [
        "faux, pas d'attaque à Diéma", "c faux pour diema", "c'est faux l'attaque de Diéma",
        "pas d'attaque ni de barrage à Diéma", "ALERTE FAUSSE DIEMA",
        "démenti: pas de blocus à Diéma", "false alarm in Diema",
    ],
)  # fmt: skip
def test_who_denies_what_was_told_of_a_place_is_no_riddle_and_reports_nothing(text: str) -> None:
    reading = read(text)

    assert reading.denied
    assert (reading.action, reading.missing) == (Action.UNCLEAR, None)
    assert reading.places == ("Diéma",)


@pytest.mark.parametrize(
    "text",
    [
        # a false checkpoint is one of robbers; what happened beside or elsewhere is a report
        "faux barrage à Diéma", "est ce que c'est faux pour Diema", "c'est faux",
        "c'est faux barrage à Diema et Kayes", "pas d'attaque mais barrage à Diéma",
        "barrage à Diéma", "passé Diéma sans problème, pas d'attaque",
        "route coupée à Diéma pas de barrage", "barrage à Diéma pas d'attaque",
    ],
)  # fmt: skip
def test_what_is_more_or_less_than_a_denial_is_none(text: str) -> None:
    assert not read(text).denied


@pytest.mark.parametrize(
    "text", ["STOP", "stop", " Stop. ", "ARRÊT", "arret!!", "STOP STOP", "S T O P"]
)
def test_stop_alone_stops(text: str) -> None:
    assert read(text).action is Action.STOP


@pytest.mark.parametrize(
    "text",
    [
        "on arrête", "STOP svp", "bonjour stop",
        "ok stop", "STOP DIEMA", "arrêt de bus à Kayes", "ne dis pas stop", "stop ou encore",
        "stop?", "arret arrivée Kayes", "non stop", "stop the truck",
    ],
)  # fmt: skip
def test_stop_within_a_message_stops_nothing(text: str) -> None:
    assert read(text).action is not Action.STOP


@pytest.mark.parametrize(
    "text",
    [
        "arrêtez de m'envoyer des messages svp", "ne m'envoyez plus de messages",
        "je ne veux plus de vos sms", "supprimez mon numéro svp", "enlevez moi de la liste",
        "stop sending me messages", "Please remove me from this list", "no more sms please",
    ],
)  # fmt: skip
def test_a_wish_to_leave_in_other_words_is_offered(text: str) -> None:
    reading = read(text)

    assert reading.action is Action.UNCLEAR
    assert reading.choices[0] == Choice(action=Action.STOP)


@pytest.mark.parametrize("text", ["stopper les alertes Kayes", "desabonner Bla"])
def test_a_wish_to_leave_that_names_a_place_may_be_chosen_too(text: str) -> None:
    reading = read(text)

    assert reading.action is Action.UNCLEAR
    assert Choice(action=Action.STOP) in reading.choices


def test_a_place_that_several_have_is_asked_with_numbers() -> None:
    reading = read("ALERTE MADINA BARRAGE")

    assert (reading.action, reading.missing) == (Action.REPORT, Missing.PLACE)
    assert reading.location is None
    labels = [(choice.place, choice.area) for choice in reading.choices]
    assert len(labels) == len(set(labels)) >= 2


def test_a_place_that_nobody_knows_is_said_back() -> None:
    reading = read("ALERTE XYZZYVILLE BARRAGE")

    assert (reading.missing, reading.said, reading.choices) == (Missing.PLACE, "xyzzyville", ())


def test_a_stretch_too_long_to_be_a_place_is_asked() -> None:
    assert read("barrage entre Kayes et Diema").missing is Missing.PLACE
    stretch = read("barrage entre Diboli et Kayes").location
    assert stretch is not None
    assert stretch.section_ids


@pytest.mark.parametrize(
    "text",
    [
        "barrage à 2h de Kayes",
        "camion brulé a une heure de route de Diema",
        "barrage 2h30 de voiture de Sikasso",
        "camion attaqué à 45 min de Bla",
        "barrage à 2 heures de Kayes",
    ],
)
def test_so_long_a_drive_from_a_town_is_not_in_it(text: str) -> None:
    reading = read(text)

    assert (reading.missing, reading.location) == (Missing.PLACE, None)
    assert len(reading.choices) > 1


def test_a_few_minutes_from_a_town_are_near_it() -> None:
    location = read("camion attaqué à 10 min de Bla").location

    assert location is not None
    assert (location.label, location.km_from_place) == ("Bla", 0)


def test_a_distance_and_a_direction_are_part_of_the_place() -> None:
    spot = read("ALERTE barrage 15 km à l'ouest de Diéma").location
    point = read("ALERTE RN1 PK 340 vers Kayes barrage").location

    assert spot is not None
    assert "15 km from Diéma" in spot.how
    assert point is not None
    assert "km 340 of RN1" in point.how
    assert read("ALERTE barrage 15 km de Diéma").missing is Missing.PLACE


def test_a_number_answers_the_question_that_was_asked() -> None:
    question = (Choice(kind="roadblock"), Choice(kind="accident"))

    assert read("le 2 svp", Standing(question=question)).chosen == question[1]
    assert read("3", Standing(question=question)).chosen is None
    assert read("2").chosen is None


def test_a_language_that_we_do_not_write_is_answered_with_those_that_we_do() -> None:
    reading = read("LANGUE BAMBARA")

    assert (reading.action, reading.missing, reading.language) == (
        Action.LANGUAGE,
        Missing.LANGUAGE,
        None,
    )
    assert {choice.language for choice in reading.choices} == {"fr", "en"}


@pytest.mark.parametrize(
    "around",
    ["{}", "  {}  ", "{}!!!", "🔥 {} 🔥", "Bonjour, {} merci", "svp {}", "«{}»", "{}\n\n", "{}..."],
)
@pytest.mark.parametrize("text", ["ALERTE DIEMA CITERNES BRULEES", "OK DIEMA", "ETAT KAYES", "OK"])
def test_what_stands_around_a_command_changes_nothing(text: str, around: str) -> None:
    plain = replace(read(text), tongue=None)

    for shape in (text, text.lower(), text.title()):
        assert replace(read(around.format(shape)), tongue=None) == plain


@given(st.text(max_size=200))
def test_no_text_is_too_strange_to_be_read(text: str) -> None:
    reading = read(text)

    assert reading.tongue in {None, "fr", "en"}
    assert reading.missing or reading.action is not Action.UNCLEAR


@given(st.lists(st.sampled_from("je tu il va vient maison frere ami pluie the and money".split())))  # noqa: SIM905
def test_small_talk_changes_nothing(words: list[str]) -> None:
    assert read(" ".join(words)).action not in LASTING


@pytest.mark.parametrize(
    "doubt",
    ["pas de {} à Diema", "il n'y a plus de {} a diema", "si {} à Diema appelez", "no {} in Diema",
     "fausse alerte {} Diema", "exercice {} Diema", "demain {} Diema", "{} à Diema? non"],
)  # fmt: skip
@pytest.mark.parametrize("what", ["barrage", "citernes brulées", "embuscade", "roadblock"])
def test_what_is_denied_feared_or_planned_is_not_reported(doubt: str, what: str) -> None:
    assert read(doubt.format(what)).action is not Action.REPORT


def test_a_village_is_told_from_its_namesakes_by_the_town_near_it() -> None:
    near = read("barrage à Bafo près de Ségou")

    assert near.location is not None
    assert near.location.label == "Bafo"
    assert read("barrage à Bafo près de Gao").missing is Missing.PLACE


def test_a_village_that_nobody_knows_is_not_taken_for_the_town_beside_it() -> None:
    reading = read("attaque de convoi à Xyzzyba près de Douentza")

    assert (reading.action, reading.missing) == (Action.REPORT, Missing.PLACE)
    assert reading.location is None
    assert [choice.place for choice in reading.choices] == ["Douentza"]


@pytest.mark.parametrize(
    "text",
    [
        "camion brûlé par court-circuit à Diéma",
        "citerne en feu diema suite court circuit",
        "incendie accidentel d'un camion à Bla",
        "accident de circulation à San",
        "camion en feu à Koutiala moteur en surchauffe",
        "pneu éclaté, camion en feu à Bougouni",
        "truck on fire near San after engine failure",
    ],
)
def test_a_fire_that_nobody_laid_is_an_accident(text: str) -> None:
    reading = read(text)

    assert (reading.action, reading.kind, reading.missing) == (Action.REPORT, "accident", None)


@pytest.mark.parametrize(
    "text",
    [
        "accident grave suite attaque à Diéma",
        "camion renversé par des hommes armés à Diéma",
        "camion brûlé à Diéma, accident ou attaque",
        "alerte explosion d'une bouteille de gaz à Sikasso",
        "feu de brousse sur la route de Kita",
        "incendie au marché de Diéma",
    ],
)
def test_it_is_no_accident_beside_an_attack_nor_an_attack_for_a_fire_alone(text: str) -> None:
    reading = read(text)

    assert reading.kind in {None, "vehicle_attack"}
    assert (reading.kind is None) == (reading.missing is not None)


def test_a_mine_beside_an_engine_is_a_mine() -> None:
    assert read("mine explosée sur la route de Douentza, moteur détruit").kind == "ied"


@pytest.mark.parametrize(
    ("text", "courtesy"),
    [
        ("merci", Courtesy.THANKS),
        ("Merci beaucoup chef", Courtesy.THANKS),
        ("i ni ce", Courtesy.THANKS),
        ("thank you very much sir", Courtesy.THANKS),
        ("ok merci", Courtesy.NOTED),
        ("bien reçu", Courtesy.NOTED),
        ("d'accord", Courtesy.NOTED),
        ("👍🏿", Courtesy.NOTED),
        ("ok c'est bon", Courtesy.NOTED),
        ("merci, pas de mort", None),
        ("ok hier", None),
        ("ok tout est calme", None),
        ("merci barrage à Diéma", None),
        ("OK DIEMA", None),
        ("merci ?", None),
    ],
)
def test_thanks_are_told_from_what_says_more(text: str, courtesy: Courtesy | None) -> None:
    reading = read(text)

    assert reading.courtesy is courtesy
    assert courtesy is None or reading.action is Action.ACKNOWLEDGE


def test_what_happened_where_we_know_no_place_is_not_lost() -> None:
    reading = read("pont effondré Xyzzyba")

    assert (reading.action, reading.kind) == (Action.REPORT, "flood_damage")
    assert (reading.missing, reading.said) == (Missing.PLACE, "xyzzyba")


@pytest.mark.parametrize(
    "text",
    ["looking for a truck in Bla", "selling diesel in Bla", "avoir des nouvelles Bla"],
)
def test_a_word_a_letter_from_one_of_danger_warns_of_none(text: str) -> None:
    assert read(text).action is not Action.REPORT


@pytest.mark.parametrize("text", ["armed men in Bla sold parts", "shooting in Bla, parties"])
def test_a_word_a_letter_from_one_of_leaving_takes_nothing_back(text: str) -> None:
    assert read(text).action is Action.REPORT


def test_who_names_the_road_beside_a_town_passed_on_that_road_alone() -> None:
    """Of four roads of Gao, "OK GAO RN17" calms the one that he drove."""
    found = [read(text).location for text in ("OK GAO", "OK GAO RN17", "OK GAO RN99")]
    bare, numbered, unknown = (one.along for one in found if one is not None)

    assert bare is None
    assert numbered
    assert unknown == ()
