"""Answers: one SMS of the GSM alphabet whatever fills them, and always how old the news is."""

import csv
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from app.alerts.alert import Certainty
from app.alerts.replies import News, write_reply
from app.alerts.templates import load_templates
from app.core.errors import ConfigError
from app.core.gsm7 import is_gsm7
from app.core.levels import Level
from app.flows.messages.understand import understand
from app.roads.placing import at_place
from app.subscribers.understood import Action, Choice, Missing, Reading, Standing
from tests.harness.api import CONFIG, shipped_config, shipped_gazetteer
from tests.harness.understanding import read

NOW = datetime(2025, 9, 14, 12, tzinfo=UTC)
TEMPLATES = shipped_config().templates
KINDS = [kind.code for kind in shipped_config().kinds]
CARGOES = shipped_config().cargoes.codes
PLACES = sorted(shipped_gazetteer().places.values(), key=lambda place: -len(place.name))
MESSAGES = Path(__file__).parents[1] / "subscribers" / "inbound_messages.csv"

names = st.sampled_from([place.name for place in PLACES[:150]]) | st.text(max_size=60)
places = st.sampled_from(PLACES[:150])
choices = st.builds(
    Choice,
    action=st.none()
    | st.sampled_from(
        [Action.REPORT, Action.ASK_STATE, Action.ASK_ROUTE, Action.SAFE_TRANSIT, Action.STOP]
    ),
    kind=st.none() | st.sampled_from(KINDS),
    place=names,
    area=st.none() | names,
)
readings = st.builds(
    Reading,
    action=st.sampled_from([action for action in Action if action is not Action.UNCLEAR]),
    kind=st.none() | st.sampled_from(KINDS),
    places=st.lists(names, max_size=4).map(tuple),
    location=st.none() | places.map(lambda place: at_place(place, "name")),
    cargoes=st.lists(st.sampled_from(CARGOES), unique=True).map(tuple),
    missing=st.none() | st.sampled_from(list(Missing)),
    choices=st.lists(choices, max_size=4).map(tuple),
    said=st.none() | st.from_regex(r"[a-z0-9 ]{1,300}", fullmatch=True),
    number=st.none() | st.integers(0, 10**9),
    language=st.none() | st.sampled_from(["fr", "en"]),
)
news = st.builds(
    News,
    level=st.sampled_from(list(Level)),
    kind=st.none() | st.sampled_from(KINDS),
    reported_at=st.timedeltas(timedelta(), timedelta(days=900)).map(lambda age: NOW - age),
    stretch=st.none() | st.tuples(names, names),
    certainty=st.none() | st.sampled_from(list(Certainty)),
)


def parts(text: str) -> int:
    return len(smsutil.split(text).parts)


@given(readings, st.sampled_from(["fr", "en", "bm"]), st.none() | news)
def test_every_answer_is_one_sms(reading: Reading, language: str, known: News | None) -> None:
    reply = write_reply(reading, language, TEMPLATES, now=NOW, news=known)

    assert is_gsm7(reply.text)
    assert parts(reply.text) == 1
    assert reply.choices == reading.choices[: len(reply.choices)]
    assert all(f"{number} " in reply.text for number, _ in enumerate(reply.choices, start=1))


@given(readings, st.sampled_from(["fr", "en"]), news)
def test_a_state_always_says_its_level_and_how_old_the_news_is(
    reading: Reading, language: str, known: News
) -> None:
    asked = Reading(
        action=Action.ASK_STATE, places=reading.places, cargoes=reading.cargoes, kind=reading.kind
    )

    text = write_reply(asked, language, TEMPLATES, now=NOW, news=known).text

    assert TEMPLATES.language(language).texts.levels[known.level].name in text
    assert ("il y a " if language == "fr" else " ago") in text


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=5), "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=47), "47 h ago"),
        (timedelta(days=3, hours=5), "3 d ago"),
        (timedelta(seconds=-40), "1 min ago"),
    ],
)
def test_ages_are_said_in_the_unit_that_fits(age: timedelta, said: str) -> None:
    known = News(level=Level.HIGH, kind="roadblock", reported_at=NOW - age)
    reading = Reading(action=Action.ASK_STATE, places=("Kayes",))

    assert said in write_reply(reading, "en", TEMPLATES, now=NOW, news=known).text


def test_no_news_is_said_to_be_no_safety() -> None:
    reading = Reading(action=Action.ASK_STATE, places=("Kayes",), cargoes=("fuel",))

    text = write_reply(reading, "fr", TEMPLATES, now=NOW).text

    assert text == (
        "SIRA Kayes, carburant: aucune nouvelle, donc danger inconnu. "
        "Ce n'est pas un feu vert: renseignez-vous avant de partir."
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "danger grave entre Diéma et Sandaré (citernes interceptées, non confirmé)."),
        ("en", "danger severe Diéma-Sandaré (tankers intercepted, not confirmed)."),
    ],
)
def test_who_asks_of_a_long_road_hears_where_on_it_and_how_sure(language: str, said: str) -> None:
    known = News(
        level=Level.SEVERE, kind="fuel_interception", reported_at=NOW - timedelta(hours=1),
        stretch=("Diéma", "Sandaré"), certainty=Certainty.UNCONFIRMED,
    )  # fmt: skip
    asked = Reading(action=Action.ASK_ROUTE, places=("Bamako", "Kayes"), cargoes=("fuel",))

    text = write_reply(asked, language, TEMPLATES, now=NOW, news=known).text

    assert said in text
    assert parts(text) == 1


def test_a_language_is_confirmed_in_that_language() -> None:
    reading = Reading(action=Action.LANGUAGE, language="en")

    assert "in English" in write_reply(reading, "fr", TEMPLATES, now=NOW).text


def test_every_message_of_the_table_is_answered_in_one_sms() -> None:
    config, gazetteer = shipped_config(), shipped_gazetteer()
    with MESSAGES.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))

    for row in rows:
        for language in ("fr", "en"):  # who has none is answered in one of the two
            standing = Standing(language=language)
            reply = understand(
                row["text"], standing, config=config, gazetteer=gazetteer, now=NOW
            ).reply
            assert parts(reply.text) == 1, (row["text"], reply.text)
            assert is_gsm7(reply.text)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("[ages]", "[age]", "`age` is not known"),
        ("acknowledged = ", "acknowleged = ", "`replies.acknowle"),
        ("{age}. {advice}", "{advice}", r"`replies.state` must say \{age\}"),
        ("Quel lieu? {choices}", "Quel lieu", r"`replies.place_which` must say \{choices\}"),
        ("{where}. Merci", "{wher}. Merci", r"`replies.transit_noted` has the unknown slot"),
        ("Bien reçu, merci.", "Bien reçu {", r"`replies.acknowledged` has a brace"),
        ("Bien reçu, merci.", "تم", r"`replies.acknowledged` has letters that no SMS can carry"),
        ("Bien reçu, merci.", "Bien reçu. " * 20, r"`replies.acknowledged` is longer than one SMS"),
    ],
)
def test_a_wrong_wording_stops_start_up(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    folder = Path(shutil.copytree(CONFIG / "templates", tmp_path / "templates"))
    path = folder / "fr" / "replies.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(ConfigError, match=rf"fr/replies\.toml: {complaint}"):
        load_templates(folder)


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("ALERTE barrage région de Kayes", "fr", "barrage sur la route (région de Kayes)."),
        ("ALERTE barrage région de Kayes", "en", "roadblock (Kayes region)."),
        ("ALERTE région de Kayes", "fr", "SIRA (région de Kayes): que"),
        ("barrage entre Nioro et Diéma", "fr", "barrage sur la route entre Nioro et Diéma."),
        ("barrage entre Nioro et Diéma", "en", "roadblock between Nioro and Diéma."),
        ("danger entre Nioro et Diéma", "fr", "SIRA entre Nioro et Diéma: que"),
        ("citernes brulees a 30 km au nord-est de Bougouni", "fr", "à 30 km de Bougouni."),
        ("ALERTE barrage Diéma", "fr", "barrage sur la route à Diéma."),
        ("ETAT région de Kayes", "en", "SIRA Kayes region: no news"),
    ],
)
def test_a_stretch_and_an_area_are_named_as_people_do(text: str, language: str, said: str) -> None:
    standing = Standing(language=language)

    answered = understand(
        text, standing, config=shipped_config(), gazetteer=shipped_gazetteer(), now=NOW
    )

    assert said in answered.reply.text


def test_a_choice_that_a_copy_has_no_words_for_is_not_offered(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(CONFIG / "templates", tmp_path / "templates"))
    wording = folder / "fr" / "replies.toml"
    text = wording.read_text(encoding="utf-8")
    wording.write_text(text.replace('subscribe = "recevoir les alertes"\n', ""), encoding="utf-8")
    asked = tuple(Choice(action=one) for one in (Action.SUBSCRIBE, Action.ASK_STATE))
    reading = Reading(action=Action.UNCLEAR, missing=Missing.MEANING, choices=asked)

    replies = [
        write_reply(reading, "fr", templates, now=NOW)
        for templates in (TEMPLATES, load_templates(folder))
    ]

    assert [reply.choices for reply in replies] == [asked, asked[1:]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("barrage peut-être à Niéna", "SIRA à Niéna: que voulez-vous dire?"),
        ("kayes diema", "SIRA Kayes - Diéma: que voulez-vous dire?"),
        ("barrage peut-être", "SIRA: que voulez-vous dire?"),
    ],
)
def test_a_question_names_the_places_that_were_read(text: str, said: str) -> None:
    reply = write_reply(read(text), "fr", TEMPLATES, now=NOW)

    assert reply.text.startswith(said)
    assert parts(reply.text) == 1


def test_a_call_for_help_is_answered_by_a_copy_without_words_for_it(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(CONFIG / "templates", tmp_path / "templates"))
    wording = folder / "fr" / "replies.toml"
    lines = wording.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("in_need")]
    wording.write_text("".join(kept), encoding="utf-8")
    reading = read("camion en panne à Diéma")

    replies = [
        write_reply(reading, "fr", templates, now=NOW).text
        for templates in (TEMPLATES, load_templates(folder))
    ]

    assert "secours" in replies[0]
    assert "non compris" in replies[1]


def test_of_what_sort_an_attack_was_is_not_asked_by_a_copy_without_words_for_it(
    tmp_path: Path,
) -> None:
    folder = Path(shutil.copytree(CONFIG / "templates", tmp_path / "templates"))
    wording = folder / "fr" / "replies.toml"
    lines = wording.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("report_which")]
    wording.write_text("".join(kept), encoding="utf-8")
    reading = read("on nous attaque à Diéma")

    asked, told = (
        write_reply(reading, "fr", templates, now=NOW)
        for templates in (TEMPLATES, load_templates(folder))
    )

    assert asked.choices == reading.choices
    assert told.choices == ()
    assert told.text.startswith("SIRA Noté: attaque armée à Diéma. Nous vérifions.")
