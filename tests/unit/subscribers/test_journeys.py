"""Where a vehicle came from, or was bound for, is not where it was attacked."""

import pytest

from app.subscribers.understood import Action, Missing
from tests.harness.understanding import read


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("camion de Bamako attaqué vers Bla", "Bla"),
        ("bus de Kayes mitraillé apres Sandaré", "Sandaré"),
        ("bus pour Kayes mitraillé avant Sandaré", "Sandaré"),
        ("bus en provenance de Kayes mitraillé vers Sandaré", "Sandaré"),
        ("citernes venant d'Abidjan brulées vers Loulouni", "Loulouni"),
        ("citernes venant d'Abidjan brulées pres de Loulouni", "Loulouni"),
        ("citernes venant d'Abidjan brulées a la sortie de Loulouni", "Loulouni"),
        ("truck from Bamako attacked near Bla", "Bla"),
        ("bus de Kayes pour Bamako attaqué à Diéma", "Diéma"),
        ("bus de Kayes attaqué et brûlé à Diéma", "Diéma"),
        ("bus de Kayes attaqué ce matin, vers Diéma", "Diéma"),
        ("camion de ciment pour Kita braqué à la sortie de Kolokani", "Kolokani"),
    ],
)
def test_it_was_where_it_was_attacked(text: str, place: str) -> None:
    reading = read(text)

    assert reading.action is Action.REPORT
    assert reading.location is not None
    assert (reading.location.label, reading.missing) == (place, None)


@pytest.mark.parametrize(
    "text",
    [
        "convoi de Kayes attaqué direction Diéma",
        "route de Bamako coupée vers Bla",
        "camion de Kayes brûlé, Diéma calme",
        "bus venant de Kayes brûlé, Diéma calme",
        "camion de Kayes brûlé, route de Diéma calme",
        "bus de Gao attaqué, Gossi bloqué",
    ],
)
def test_which_way_it_went_is_asked(text: str) -> None:
    assert read(text).missing is Missing.PLACE


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("camion pour Dakar intercepté apres Diboli", "Diboli"),
        ("bus de Gao bloqué a Gossi", "Gossi"),
    ],
)
def test_where_it_happened_is_what_is_offered_to_be_reported(text: str, place: str) -> None:
    offered = [one.place for one in read(text).choices if one.action is Action.REPORT]

    assert offered == [place]


def test_of_two_places_behind_a_journey_neither_is_its_end() -> None:
    reading = read("bus pour Bamako attaqué a Kayes, chauffeur tué a Sandaré")

    assert reading.missing is Missing.PLACE
    assert [choice.place for choice in reading.choices] == ["Kayes", "Sandaré"]


@pytest.mark.parametrize(
    "text", ["les FAMa ont tué 12 terroristes a Diema", "soldats tués a Diema"]
)
def test_where_soldiers_fought_no_civilians_are_offered_first(text: str) -> None:
    kinds = [choice.kind for choice in read(text).choices]

    assert kinds == ["military_operation", "convoy_ambush", "town_attack"]


def test_a_robbery_at_gunpoint_is_not_in_man() -> None:
    reading = read("vol a main armée sur la route de San")

    assert (reading.kind, reading.places) == ("banditry", ("San",))


@pytest.mark.parametrize(
    "text",
    [
        "attaque de camions sur la route pour Dakar",
        "citernes brulées sur la route vers Dakar",
        "camions attaqués en allant à Dakar",
        "camion pour Dakar attaqué",
        "citernes en partance pour Abidjan brulées",
        "bus direction Abidjan attaqué",
        "la route qui mène à Dakar est coupée",
        "trucks attacked on the road to Dakar",
        "tankers burnt on the way to Abidjan",
        "ambush on the Dakar highway",
        "truck bound for Dakar attacked",
        "truck from Dakar attacked",
    ],
)
def test_nobody_takes_the_far_end_of_a_journey_for_where_it_was(text: str) -> None:
    """Dakar is 900 km from where tankers for Bamako are burnt: who heard of it there was told."""
    reading = read(text)

    assert (reading.action, reading.missing) == (Action.REPORT, Missing.PLACE)
    assert reading.location is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("camion brulé à Dakar", "Dakar"),
        ("camion attaqué vers Dakar", "Dakar"),
        ("accident de camion à Dakar", "Dakar"),
        ("la route à Dakar est coupée", "Dakar"),
        ("truck burnt in Dakar", "Dakar"),
        ("barrage sur la route pour Nioro", "Nioro"),
        ("accident sur la route pour Dakar à Diéma", "Diéma"),
        ("camion attaqué sur la route vers Dakar apres Kayes", "Kayes"),
        ("truck attacked on the road to Dakar near Diema", "Diéma"),
    ],
)
def test_a_town_where_it_was_stays_the_place(text: str, place: str) -> None:
    reading = read(text)

    assert reading.location is not None
    assert (reading.location.label, reading.missing) == (place, None)


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("quelle route pour Dakar sans danger", Action.ASK_ROUTE),
        ("est ce que je peux aller a Dakar", Action.ASK_ROUTE),
        ("is road to Dakar safe for fuel", Action.ASK_ROUTE),
        ("can we drive to Dakar", Action.ASK_ROUTE),
        ("is the Dakar road open", Action.ASK_ROUTE),
        ("abonner la route pour Dakar", Action.SUBSCRIBE),
        ("subscribe road to Dakar", Action.SUBSCRIBE),
    ],
)
def test_the_road_to_another_country_is_asked_for_from_its_beginning(
    text: str, action: Action
) -> None:
    reading = read(text)

    assert (reading.action, reading.missing) == (action, None)
    assert reading.places == ("Bamako", "Dakar")
