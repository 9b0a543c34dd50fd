"""Times, numbers and plurals as they are said in each language, and no word too many."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import app.web
from app.alerts.titles import title_of
from app.core.levels import Level
from app.flows.readers.picture import News, Sighting
from app.risk.cel import VARIABLES
from app.web.speaking import LANGUAGES, Words, load_words
from tests.harness.api import shipped_config

NOW = datetime(2025, 9, 8, 14, 30, tzinfo=UTC)
WEB = Path(app.web.__file__).parent


def words(language: str) -> Words:
    return load_words(shipped_config())[language]


def plain(text: str) -> str:
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")


def test_no_sign_of_french_begins_a_line() -> None:
    said = words("fr")
    texts = [*said.text.values(), *said.advice.values()]
    texts += [form for forms in said.plural.values() for form in forms.values()]

    assert [text for text in texts if re.search(r" [:;?!»]|« ", text)] == []
    assert said("report_place") == "Où\N{NO-BREAK SPACE}?"


@pytest.mark.parametrize(
    ("ago", "french", "english"),
    [
        (timedelta(seconds=20), "à l'instant", "just now"),
        (timedelta(seconds=-5), "à l'instant", "just now"),
        (timedelta(minutes=1), "il y a 1 min", "1 minute ago"),
        (timedelta(minutes=59), "il y a 59 min", "59 minutes ago"),
        (timedelta(minutes=61), "il y a 1 h", "1 hour ago"),
        (timedelta(hours=47), "il y a 47 h", "47 hours ago"),
        (timedelta(hours=49), "il y a 2 j", "2 days ago"),
        (timedelta(days=400), "il y a 400 j", "400 days ago"),
    ],
)
def test_ages(ago: timedelta, french: str, english: str) -> None:
    assert plain(words("fr").age(NOW - ago, NOW)) == french
    assert plain(words("en").age(NOW - ago, NOW)) == english


@pytest.mark.parametrize(
    ("ago", "french", "english"),
    [
        (timedelta(hours=2), "12:30", "12:30"),
        (timedelta(hours=15), "7 sept. 23:30", "7 Sept 23:30"),
        (timedelta(days=400), "4 août 2024 14:30", "4 Aug 2024 14:30"),
    ],
)
def test_moments(ago: timedelta, french: str, english: str) -> None:
    assert plain(words("fr").moment(NOW - ago, NOW)) == french
    assert plain(words("en").moment(NOW - ago, NOW)) == english


def test_the_first_of_a_month_is_said_as_each_language_says_it() -> None:
    first = datetime(2025, 10, 1, 1, 1, tzinfo=UTC)
    later = first + timedelta(days=30)

    assert words("fr").date(first) == "1er octobre 2025"
    assert plain(words("fr").moment(first, later)) == "1er oct. 01:01"
    assert words("fr").weekday(first.date()) == "mer. 1er oct."
    assert words("fr").date(later) == "31 octobre 2025"
    assert words("en").date(first) == "1 October 2025"


def test_of_what_is_announced_the_day_it_was_said_is_told_as_that() -> None:
    one = Sighting(
        id="1",
        kind="blockade_threat",
        place="Kayes",
        area=False,
        at=NOW,
        exact=True,
        certain=False,
        sources=1,
        starts_at=datetime(2025, 10, 1, tzinfo=UTC),
    )

    assert words("fr").incident(one) == "Blocus annoncé à partir du 1er octobre 2025 près de Kayes"
    assert words("fr").day_of(one, NOW) == "dit aujourd'hui"
    assert words("fr").day_of(one, NOW + timedelta(days=1)) == "dit le 8 sept."
    assert words("en").day_of(one, NOW + timedelta(days=1)) == "said on 8 Sept"


def test_numbers_and_plurals() -> None:
    assert plain(words("fr").number(1355.6, 1)) == "1 355,6"
    assert words("en").number(1355.6, 1) == "1,355.6"
    assert plain(words("fr").km(1355.6)) == "1 356 km"
    assert words("fr").many("sources", 1) == "1 source"
    assert words("fr").many("sources", 3) == "3 sources indépendantes"
    assert words("en").many("sources", 3) == "3 independent sources"


def test_a_day_is_all_that_is_said_of_a_convoy() -> None:
    news = News(at=NOW.replace(hour=12, minute=0), exact=False)

    assert words("fr").when(news, NOW) == "aujourd'hui"
    assert words("en").when(news, NOW + timedelta(days=1)) == "8 Sept"


def test_an_incident_is_named_with_its_place_its_area_or_neither() -> None:
    def said(language: str, place: str | None, *, area: bool) -> str:
        one = Sighting(
            id="1",
            kind="ied",
            place=place,
            area=area,
            at=NOW,
            exact=True,
            certain=True,
            sources=1,
        )
        return words(language).incident(one)

    assert said("fr", "Diéma", area=False) == "Engin explosif près de Diéma"
    assert said("fr", "Ansongo", area=False) == "Engin explosif près d'Ansongo"
    assert said("fr", "Kita - Diéma", area=False) == "Engin explosif entre Kita et Diéma"
    assert said("en", "Kita - Diéma", area=False) == "Mine or roadside bomb between Kita and Diéma"
    assert said("en", "région de Kayes", area=True) == "Mine or roadside bomb, Kayes region"
    assert said("fr", None, area=False) == "Engin explosif sur le tronçon"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Bamako - Kayes - Dakar (northern corridor)", "Bamako - Kayes - Dakar"),
        ("Sikasso - (Hérémakono: not found) - Orodara", "Sikasso - Orodara"),
        ("Bamako - Odienné (- Abidjan west)", "Bamako - Odienné"),
    ],
)
def test_titles_lose_their_remarks(title: str, shown: str) -> None:
    assert title_of(title) == shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_level_has_a_word_and_an_advice(language: str) -> None:
    said = words(language)

    assert said.levels.keys() == {level.value for level in Level}
    assert said.advice.keys() == {*said.levels, "closed"}
    assert len({said.level(level) for level in Level}) == len(Level)


def test_every_text_is_used_and_every_text_used_is_there() -> None:
    known = words("fr").text.keys()
    sources = [path.read_text() for path in WEB.rglob("*") if path.suffix in {".py", ".j2"}]
    everything = "\n".join(sources)
    quoted = set(re.findall(r"""["'](\w+)["']""", everything))
    # put together: f"delivery_{status}", "delivery_" ~ status
    begun = re.findall(r"""f["']([a-z_]+_)\{""", everything)
    begun += re.findall(r"""["']([a-z]+_)["'] *~""", everything)
    called = {
        key
        for source in sources
        for key in re.findall(r"""\b(?:w|words|self)\(\s*["'](\w+)["']""", source)
    }

    unsaid = {key for key in known - quoted if not key.startswith(tuple(begun))}
    assert unsaid == set(), "nobody says them"
    assert called - known == set()


def test_what_rules_can_speak_of_is_explained_in_each_language() -> None:
    for name, (_, meaning) in VARIABLES.items():
        key = f"about_{name.replace('.', '_')}"
        assert words("en")(key) == meaning
        assert words("fr")(key) != meaning
