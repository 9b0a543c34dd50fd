"""A doubt takes back what it is said of, and nothing that is told beside it."""

from datetime import UTC, datetime

import pytest

from app.subscribers.understood import Action, Missing
from tests.harness.understanding import read

_SUNDAY = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "kind", "place"),
    [
        ("Barrage à Niéna, ils vont brûler", "roadblock", "Niéna"),
        ("barrage à Koro ils menacent de tuer les chauffeurs", "roadblock", "Koro"),
        ("hommes armés vus à Bla, ils vont attaquer le camp", "armed_presence", "Bla"),
    ],
)
def test_what_stands_is_reported_whatever_they_are_about_to_do(
    text: str, kind: str, place: str
) -> None:
    reading = read(text)

    assert (reading.action, reading.missing) == (Action.REPORT, None)
    assert (reading.kind, reading.places) == (kind, (place,))


@pytest.mark.parametrize(
    "text",
    [
        "ils vont bloquer Niéna avec un barrage",
        "des hommes armés vont attaquer Diéma",
        "pas de barrage à Niéna, ils vont brûler",
        "demain barrage à Niéna, ils vont brûler",
    ],
)
def test_what_is_only_to_come_is_asked_back(text: str) -> None:
    assert read(text).action is Action.UNCLEAR


@pytest.mark.parametrize(
    ("text", "kind", "place"),
    [
        ("bla c bon mais a san ils ont barré la route", "roadblock", "San"),
        ("pas d'attaque à Diéma mais barrage à Nioro", "roadblock", "Nioro"),
        ("rien a Diéma par contre citernes brulées à Sandaré", "fuel_interception", "Sandaré"),
        ("barrage à San mais Bla pas de problème", "roadblock", "San"),
    ],
)
def test_a_negation_reaches_no_farther_than_its_own_place(text: str, kind: str, place: str) -> None:
    reading = read(text)

    assert (reading.action, reading.missing) == (Action.REPORT, None)
    assert (reading.kind, reading.places) == (kind, (place,))


@pytest.mark.parametrize(
    "text",
    [
        "barrage à Diéma mais c'est faux",
        "on dit que barrage à Diéma mais tirs à Sandaré",
        "barrage à San mais pas à Bla, c'est fini",
    ],
)
def test_a_doubt_of_the_whole_or_a_rumour_drops_nothing(text: str) -> None:
    assert read(text).action is Action.UNCLEAR


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Citernes brulées ce matin à Diema. Est-ce qu'on peut passer par Kita ?",
         "fuel_interception"),
        ("Barrage à Bla. Vous dormez?", "roadblock"),
    ],
)  # fmt: skip
def test_a_danger_in_a_sentence_of_its_own_is_reported_whatever_is_asked_next(
    text: str, kind: str
) -> None:
    reading = read(text)

    assert (reading.action, reading.kind, reading.missing) == (Action.REPORT, kind, None)
    assert len(reading.places) == 1


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("citerne brulé a Diema est ce que la route est ouverte", "fuel_interception"),
        ("route coupée à Kita on peut passer par Bafoulabé", "flood_damage"),
        ("ils ont attaqué a Sandaré hier comment faire", None),
        ("barrage levé a Diema on peut passer", "road_reopened"),
        ("Route ouverte à Kita. On peut passer ?", "road_reopened"),
    ],
)
def test_what_is_told_before_a_question_in_one_breath_is_offered(
    text: str, kind: str | None
) -> None:
    reading = read(text)

    assert reading.action is Action.UNCLEAR
    reported = [one.kind for one in reading.choices if one.action is Action.REPORT]
    assert reported == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "citernes brulées à Diema, c'est vrai ?",
        "citernes brulées a Diema. C'est vrai ?",
        "barrage à Kita ça passe ?",
        "citernes brulées à Diema?",
    ],
)
def test_who_asks_whether_it_is_so_reports_nothing(text: str) -> None:
    assert read(text).action is Action.ASK_STATE


def test_what_is_over_is_not_offered_as_what_it_was() -> None:
    kinds = [one.kind for one in read("couvre-feu levé à Ségou").choices]

    assert "road_reopened" in kinds
    assert "travel_restriction" not in kinds


def test_a_danger_told_behind_a_question_is_offered_as_a_report() -> None:
    reading = read("quand est-ce que vous dites la vérité? citernes brûlent à Diéma et vous dormez")

    assert (reading.action, reading.missing) == (Action.UNCLEAR, Missing.MEANING)
    assert "fuel_interception" in [choice.kind for choice in reading.choices]


@pytest.mark.parametrize(
    "text",
    [
        "A Kayes plus de carburant à partir de vendredi",
        "pénurie de carburant à Kayes à partir du 3 décembre",
        "manifestation à Sikasso à partir de mardi",
    ],
)
def test_what_is_no_closure_and_not_so_yet_is_asked_back_without_its_day(text: str) -> None:
    reading = read(text, now=_SUNDAY)

    assert (reading.action, reading.missing) == (Action.UNCLEAR, Missing.MEANING)
    assert reading.when is None


def test_a_closure_that_is_announced_is_reported_with_its_day() -> None:
    reading = read("barrage à Niéna à partir de vendredi", now=_SUNDAY)

    assert reading.action is Action.REPORT
    assert reading.when is not None
    assert reading.when.starts_at is not None


def test_a_strike_that_begins_on_a_day_to_come_was_not_on_the_last_one() -> None:
    reading = read("la grève des routiers commence lundi à Kayes", now=_SUNDAY)

    assert (reading.action, reading.kind) == (Action.REPORT, "route_suspended")
    assert reading.when is not None
    assert (reading.when.at, reading.when.starts_at is None) == (_SUNDAY, False)


def test_what_may_be_said_of_much_else_is_offered_and_not_taken() -> None:
    reading = read("boutique ouverte, route de Diéma")

    assert reading.action is Action.UNCLEAR
    assert "road_reopened" in [choice.kind for choice in reading.choices]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("convoi attaqué entre Diéma et Lakamané, Sandaré calme", {"Diéma", "Lakamané"}),
        ("Sandaré calme. Convoi attaqué entre Diéma et Lakamané", {"Diéma", "Lakamané"}),
        ("convoi attaqué à Diéma, RAS à Sandaré", {"Diéma"}),
        ("barrage à Nioro. Diéma calme. Sandaré calme", {"Nioro"}),
        ("convoi attaqué à Diéma, rien à Sandaré", {"Diéma"}),
        ("barrage à Diéma; Sandaré pas de problème", {"Diéma"}),
    ],
)
def test_no_danger_is_told_of_where_it_is_calm(text: str, places: set[str]) -> None:
    reading = read(text)

    assert reading.action is Action.REPORT
    assert set(reading.places) == places


@pytest.mark.parametrize(
    "text",
    [
        "barrage à Diéma, ce n'est pas calme à Sandaré",
        "barrage à Diéma, Sandaré calme?",
        "convoi attaqué à Diéma, Diéma calme maintenant",
    ],
)
def test_what_is_calm_is_left_out_only_where_that_is_plain(text: str) -> None:
    assert "Diéma" in read(text).places
    assert read(text).action is not Action.SAFE_TRANSIT
