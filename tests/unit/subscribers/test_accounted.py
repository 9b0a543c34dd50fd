"""What is taken at once is known to the last word that matters; else one question is asked back."""

import tomllib
from datetime import UTC, datetime

import pytest

from app.subscribers.commands import understand
from app.subscribers.lexicon import parse
from app.subscribers.understood import Action, Missing, Reading, Standing
from tests.harness.api import CONFIG, shipped_config, shipped_gazetteer
from tests.harness.understanding import read

_SUNDAY = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        # what stands next to the words that carry it makes it something else
        ("photo des citernes brulées a diema", "fuel_interception"),
        ("minute de silence pour les victimes de lembuscade de tinzaouaten", "convoy_ambush"),
        ("accident de travail a lusine de kayes", "accident"),
        ("les elephants ont attaqué le village de gossi", "town_attack"),
        ("tué par la foudre un berger a nara", "civilian_killing"),
        ("barrage de markala visité par le ministre", "roadblock"),
        ("procès des bandits a kita", "banditry"),
        ("mon pere a suspendu mon mariage a mopti", "route_suspended"),
        # so does what is said of all of it
        ("citernes en feu a diema c'est une video de 2023", "fuel_interception"),
        # nothing of what is announced has happened, and what is cleared is over
        ("les terroristes annoncent attaque de tous les camions sur kayes", "vehicle_attack"),
        ("alerte: accident dégagé a kayes", "accident"),
    ],
)  # fmt: skip
def test_a_danger_beside_a_word_that_is_not_known_there_is_asked_once(text: str, kind: str) -> None:
    reading = read(text)

    assert (reading.action, reading.missing) == (Action.REPORT, Missing.MEANING)
    assert [(choice.action, choice.kind) for choice in reading.choices] == [
        (Action.REPORT, kind), (Action.ASK_STATE, None),
    ]  # fmt: skip
    assert reading.location is not None  # where it waits at the desk


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ALERTE DIEMA CITERNES BRULEES", "fuel_interception"),
        ("embuscade a lakamane ce matin 2 camions brules", "convoy_ambush"),
        # words that are not known, in another sentence or behind the place
        ("convoi attaqué ce matin vers 6h a 10km de diema, on était derriere, ça fume",
         "convoy_ambush"),
        ("barrage djihadiste a lakamane ils demandent les papiers et fouillent", "roadblock"),
        ("3 citernes brulées a sandare les chauffeurs ont fui dans la brousse",
         "fuel_interception"),
        ("je suis caché pres de lakamané ils brulent les citernes", "fuel_interception"),
        ("3 chauffeurs kidnappés pres de zegoua rançon demandée", "abduction"),
        # who says so, how bad, how many
        ("bonsoir je vous informe que des hommes armés viennent d'arreter 2 citernes a sandaré",
         "fuel_interception"),
        ("accident grave a fana, un car a percuté un camion arreté, bcp de blessés", "accident"),
        # who calls for help, who stopped, what stands across the road
        ("urgent embuscade kolokani citernes en feu envoyez renfort", "fuel_interception"),
        ("les transporteurs ont suspendu la ligne bamako-kayes", "route_suspended"),
        ("route barrée par des arbres a kita", "roadblock"),
        # who calls it an alert knows what he says
        ("ALERTE photos des citernes brulées a diema", "fuel_interception"),
    ],
)  # fmt: skip
def test_a_plain_danger_is_taken_at_once(text: str, kind: str) -> None:
    reading = read(text)

    assert (reading.action, reading.kind, reading.missing) == (Action.REPORT, kind, None)


@pytest.mark.parametrize(
    "text",
    [
        "barrage levé la nuit et remis le jour a didieni", "hopital de nioro rouvert grace a msf",
        "le marché de diema est rouvert", "la route est libre pour ceux qui payent a sandaré",
        "nos chauffeurs doivent etre liberés sinon greve a diema", "blocus levé pour 48h gao",
        "ils disent que les otages seront relachés nampala", "route gao rouverte par moitié",
        "ils ont enlevé 3 personnes a leur barrage de didieni",
        "road reopened at gao then closed again", "route rouverte hier fermée aujourd'hui a gao",
        "reouverture de la route de gao refusée par le cmdt", "chauffeur libéré de prison a segou",
    ],
)  # fmt: skip
def test_good_news_with_anything_else_in_it_is_asked(text: str) -> None:
    assert read(text).action is Action.UNCLEAR


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("le blocus de nioro a été levé par les fama hier soir dieu merci", "road_reopened"),
        ("frontière gogui rouverte depuis midi", "road_reopened"),
        ("route gao fermée hier rouverte ce matin", "road_reopened"),
        ("chauffeur enlevé puis libéré à Diema", "hostage_release"),
    ],
)
def test_good_news_and_nothing_else_is_taken_at_once(text: str, kind: str) -> None:
    reading = read(text)

    assert (reading.action, reading.kind, reading.missing) == (Action.REPORT, kind, None)


def test_an_attack_that_is_to_come_is_none() -> None:
    assert read("attaque de camions a kayes a partir de vendredi", now=_SUNDAY).action is (
        Action.UNCLEAR
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("mon frère a été enlevé", "abduction"),
        ("mon frère a été enlevé à Nioro", "abduction"),
        ("citerne renversée par une mine à Hombori", "ied"),
    ],
)
def test_what_would_say_it_of_an_alert_names_what_is_asked(text: str, kind: str) -> None:
    reading = read(text)

    assert (reading.action, reading.missing) == (Action.UNCLEAR, Missing.MEANING)
    assert (Action.REPORT, kind) in [(choice.action, choice.kind) for choice in reading.choices]


@pytest.mark.parametrize(
    "text",
    [
        "bus sonef attaqué à Fana 2 morts",
        "bus nour transport mitraillé à Fana",
        "attaque du bus sonef à Fana",
        "car diarra brûlé vers Ségou",
    ],
)
def test_the_name_of_who_drives_holds_back_no_warning(text: str) -> None:
    assert (read(text).action, read(text).missing) == (Action.REPORT, None)
    assert read(text.replace("bus", "photo").replace("car ", "photo ")).missing is not None


@pytest.mark.parametrize(
    "text", ["embuscade à Bla 3 élèves tués", "camion attaqué à Bla, un enfant de 10 ans mort"]
)
def test_who_was_there_takes_nothing_back(text: str) -> None:
    assert (read(text).action, read(text).missing) == (Action.REPORT, None)


def test_a_wish_that_is_turned_by_another_word_is_asked() -> None:
    assert read("plus d'abonnement à Nara merci").action is Action.UNCLEAR
    assert read("abonnement Nara merci").action is Action.SUBSCRIBE


def test_a_shortage_of_what_it_does_not_say_is_offered_as_one_of_fuel() -> None:
    onions, fuel = read("pénurie d'oignons à Mopti"), read("pénurie de gasoil à Mopti")

    assert (onions.action, fuel.action) == (Action.UNCLEAR, Action.REPORT)
    assert "fuel_shortage" in [choice.kind for choice in onions.choices]


def test_a_copy_of_the_words_from_before_takes_a_danger_as_it_reads_and_asks_of_good_news() -> None:
    photo = _read_without("photo des citernes brulées a diema")
    plain = _read_without("barrage levé à Kita")

    assert (photo.action, photo.missing) == (Action.REPORT, None)
    assert (plain.kind, plain.missing) == ("road_reopened", None)
    assert _read_without("barrage levé à Kita mais armes partout").action is Action.UNCLEAR


def _read_without(text: str) -> Reading:
    config = shipped_config()
    table = tomllib.loads((CONFIG / "commands.toml").read_text(encoding="utf-8"))
    del table["beside"]
    return understand(
        text,
        Standing(),
        lexicon=parse(table, file="commands.toml", kinds=[kind.code for kind in config.kinds]),
        gazetteer=shipped_gazetteer(),
        cargoes=config.cargoes,
        kinds=config.kinds,
    )
