"""Places by the way from one town to another, at a border, and where two things said disagree."""

import pytest

from app.roads.gazetteer import Gazetteer
from app.roads.geometry import distance_km
from app.roads.places import PlaceQuery
from tests.harness.roads import asked, placed


@pytest.mark.parametrize(
    ("text", "start", "end", "km"),
    [
        ("Sandaré, à 15 km de Sandaré vers Diéma", "Sandaré", "Diéma", 15.0),
        ("à 15 km de Sandare, route de Diema", "Sandaré", "Diéma", 15.0),
        ("20 km de Kayes sur la route de Diboli", "Kayes", "Diboli", 20.0),
        ("20 km from Kayes on the road to Diboli", "Kayes", "Diboli", 20.0),
        ("30 km après Diéma en direction de Nioro", "Diéma", "Nioro", 30.0),
        ("Bla, 12 km from Bla towards San", "Bla", "San", 12.0),
    ],
)
def test_distance_from_a_town_towards_another(
    gazetteer: Gazetteer, text: str, start: str, end: str, km: float
) -> None:
    found = placed(gazetteer, PlaceQuery(place=text))

    assert found.how.startswith(f"km {km:g} from {start} to {end}")
    straight = distance_km(found.position, placed(gazetteer, PlaceQuery(place=start)).position)
    assert 0.7 * km < straight <= km + 1.0


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Ségou vers Bla", "Ségou - Bla"),
        ("Diboli frontière Sénégal", "Diboli"),
        ("Diboli (frontière Sénégal)", "Diboli"),
        ("Kidira, Senegal border", "Kidira"),
        ("poste frontière de Diboli", "Diboli"),
        ("Zégoua, poste frontière", "Zégoua"),
        ("juste après Diéma", "Diéma"),
        ("carrefour de Diéma", "Diéma"),
    ],
)
def test_ordinary_ways_to_name_a_place(gazetteer: Gazetteer, text: str, label: str) -> None:
    assert placed(gazetteer, PlaceQuery(place=text)).label == label


def test_another_place_named_with_a_distance_is_the_place(gazetteer: Gazetteer) -> None:
    found = placed(gazetteer, PlaceQuery(place="Lakamané, à 40 km de Diéma vers Sandaré"))
    assert found.label == "Lakamané"


def test_a_place_far_from_the_kilometre_given_is_asked(gazetteer: Gazetteer) -> None:
    answer = asked(gazetteer, PlaceQuery(place="Sandare", road="RN1", km=12.5))

    assert answer.reason == "ambiguous"
    assert "which is right" in answer.detail
    assert answer.candidates[0].name == "Sandaré"


def test_a_place_near_the_kilometre_given_stays_at_the_kilometre(gazetteer: Gazetteer) -> None:
    found = placed(gazetteer, PlaceQuery(place="Diema", road="Diema-Nioro", km=20.0))

    assert found.how.startswith("km 20 from Diéma to Nioro")
