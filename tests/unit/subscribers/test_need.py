"""Who broke down or is ill is no riddle, and hears of no road's state."""

import pytest

from app.subscribers.understood import Action
from tests.harness.understanding import read


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("SOS ya til un medecin a nioro svp ma femme accouche", "Nioro"),
        ("mon camion en panne a diema besoin de mecanicien svp", "Diéma"),
        ("qui peut me depanner jsuis bloqué a sandaré 2 pneus crevés", "Sandaré"),
        ("ma voiture est tombée en panne à Kati, vous connaissez un mécanicien?", "Kati"),
        ("we are broken down at Hombori, is there a mechanic", "Hombori"),
        ("my truck broke down at Hombori", "Hombori"),
        ("à l'aide, je suis à Hombori", "Hombori"),
    ],
)
def test_a_call_for_help_is_for_a_person(text: str, place: str) -> None:
    reading = read(text)

    assert (reading.action, reading.in_need, reading.missing) == (Action.UNCLEAR, True, None)
    assert reading.places == (place,)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("accident à Bla besoin d'ambulance 3 morts", "accident"),
        ("on nous attaque à Boni ya des malades", None),
    ],
)
def test_a_danger_is_a_danger_whatever_help_is_asked_for(text: str, kind: str | None) -> None:
    reading = read(text)

    assert (reading.action, reading.kind) == (Action.REPORT, kind)


@pytest.mark.parametrize(
    "text", ["camion en panne sur la voie Didiéni route bloquée", "etat diema", "merci docteur"]
)
def test_what_blocks_the_road_or_asks_for_nothing_is_no_call(text: str) -> None:
    reading = read(text)

    assert not reading.in_need or reading.action is Action.UNCLEAR
    assert not (reading.in_need and reading.kind)
