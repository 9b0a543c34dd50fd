"""The other road in an alert: named by its towns, and never without saying that nobody has news."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.alerts.alert import AlertFacts, AlertType, Reason
from app.alerts.codec import facts_from_json, facts_to_json
from app.alerts.compose import compose
from app.alerts.digest import Said, compose_digest, gathered
from app.alerts.templates import load_templates
from app.core.gsm7 import is_gsm7
from app.core.levels import Level
from tests.harness.alerts import some_facts
from tests.harness.risk import CARGOES, FAMILIES

TEMPLATES = load_templates(
    Path(__file__).parents[3] / "config" / "templates", kinds=list(FAMILIES), cargoes=CARGOES
)
LOST = {"fr": "Ne p", "en": "No longer"}
NO_NEWS = {"fr": "sans nouvelles", "en": "no news of it"}


def facts(alternative: str | None, *, unheard: bool) -> AlertFacts:
    return some_facts(
        stretch=("Kayes", "Diéma"), alternative=alternative, alternative_unheard=unheard
    )


def written(one: AlertFacts, *, language: str = "fr", channel: str = "sms") -> str:
    message = compose(
        one,
        AlertType.ALERT,
        channel=channel,
        language=language,
        templates=TEMPLATES,
        zone=ZoneInfo("Africa/Bamako"),
    )
    assert channel == "email" or message.segments == 1
    return message.text


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("title", ["Bamako - Kita - Dakar", "Kayes - Nioro - Diéma"])
def test_a_road_without_news_is_named_as_one(title: str, language: str) -> None:
    unheard = facts(title, unheard=True)
    known = facts(title, unheard=False)

    for channel in ("sms", "email"):
        assert "Kita" in (told := written(unheard, language=language, channel=channel)) or (
            "Nioro" in told
        )
        said = NO_NEWS[language] if channel == "sms" else {"fr": "demandez", "en": "ask before"}
        wanted = said if isinstance(said, str) else said[language]
        assert wanted in told
        assert wanted not in written(known, language=language, channel=channel)


@given(
    towns=st.lists(st.text(max_size=30), min_size=1, max_size=3),
    language=st.sampled_from(["fr", "en"]),
)
def test_no_shortening_leaves_the_road_and_drops_the_doubt(towns: list[str], language: str) -> None:
    title = " - ".join(("Bamako", *towns, "Dakar"))
    without = written(facts(None, unheard=False), language=language)

    text = written(facts(title, unheard=True), language=language)

    assert is_gsm7(text)
    assert NO_NEWS[language] in text or text == without


def test_facts_of_an_older_alert_still_read() -> None:
    stored = facts_to_json(facts("Bamako - Kita - Dakar", unheard=True))
    older = {name: value for name, value in stored.items() if name != "alternative_unheard"}

    assert facts_from_json(stored).alternative_unheard
    assert not facts_from_json(older).alternative_unheard


@given(
    towns=st.lists(st.text(max_size=30), min_size=1, max_size=3),
    other=st.sampled_from([None, "Bamako - Segou - Dakar"]),
    language=st.sampled_from(["fr", "en"]),
)
def test_no_shortening_drops_that_the_road_named_before_is_lost(
    towns: list[str], other: str | None, language: str
) -> None:
    lost = " - ".join(("Bamako", *towns, "Dakar"))
    beside = replace(facts(other, unheard=False), lost=lost, lost_level=Level.SEVERE)
    alone = replace(beside, reason=Reason.WAY_LOST)

    for one, said in ((beside, LOST[language]), (alone, LOST[language].upper())):
        message = compose(
            one,
            AlertType.UPDATE,
            channel="sms",
            language=language,
            templates=TEMPLATES,
            zone=ZoneInfo("Africa/Bamako"),
        )
        assert said in message.text


def test_what_is_said_of_two_cargoes_keeps_the_lost_road_of_one() -> None:
    lost = some_facts(reason=Reason.WAY_LOST, lost="Bamako - Kita - Dakar", lost_level=Level.HIGH)
    rose = some_facts(reason=Reason.ROSE, cargo="goods")

    (both,) = gathered([Said(facts=one, type=AlertType.UPDATE) for one in (lost, rose)])

    assert both.facts.reason is Reason.ROSE
    assert both.facts.with_cargoes == ("fuel",)
    assert both.facts.lost == "Bamako - Kita - Dakar"


def test_facts_of_a_named_road_read_as_they_were_written() -> None:
    known = some_facts(way=("s1", "s2"), way_title="Kita", way_level=Level.LOW, lost="Ségou")

    assert facts_from_json(facts_to_json(known)) == known


@given(
    towns=st.lists(st.text(max_size=30), min_size=1, max_size=3),
    level=st.sampled_from([Level.MODERATE, Level.HIGH]),
    language=st.sampled_from(["fr", "en"]),
)
def test_no_shortening_leaves_the_road_and_drops_its_danger(
    towns: list[str], level: Level, language: str
) -> None:
    one = facts(" - ".join(("Bamako", *towns, "Dakar")), unheard=False)
    without = written(facts(None, unheard=False), language=language)

    text = written(replace(one, way_level=level), language=language)

    said = {"fr": {"moderate": "danger modéré", "high": "danger élevé"}}
    said["en"] = {"moderate": "moderate danger", "high": "high danger"}
    assert said[language][level] in text or text == without
    mail = written(replace(one, way_level=level), language=language, channel="email")
    name = TEMPLATES.language(language).texts.levels[level].name
    assert {"fr": f"(danger {name})", "en": f"(danger: {name})"}[language] in mail


def lost_on(route: str, **changed: Any) -> Said:
    one = facts(None, unheard=False)
    given = {"route": route, "reason": Reason.WAY_LOST, "lost": "Bamako - Kita - Dakar"}
    return Said(facts=replace(one, **{**given, **changed}), type=AlertType.UPDATE)


@pytest.mark.parametrize("language", ["fr", "en", "fr-x-1"])
def test_a_lost_road_is_not_dropped_where_its_route_is_only_named(language: str) -> None:
    worse = lost_on("ML-BKO-SEG", reason=Reason.ROSE, lost=None, stretch=("Ségou", "San"))

    message = compose_digest(
        [worse, lost_on("ML-DKR-N")],
        channel="sms",
        language=language,
        templates=TEMPLATES,
        zone=ZoneInfo("Africa/Bamako"),
    )

    assert LOST[language[:2]] in message.text
    assert "Kita" in message.text
    assert message.segments == 1 or language != "fr-x-1"


def test_an_exercise_takes_back_no_road_in_what_is_real() -> None:
    worse = lost_on("ML-BKO-SEG", reason=Reason.ROSE, lost=None)
    exercise = lost_on("ML-DKR-N", exercise=True)

    assert [one.facts.lost for one in gathered([exercise, worse])] == [None, exercise.facts.lost]


def test_no_road_is_named_and_taken_back_in_one_message() -> None:
    kita = "Bamako - Kita - Bafoulabé - Dakar"
    worse = lost_on("ML-DKR-N", cargo="general", reason=Reason.ROSE, lost=None, alternative=kita)
    elsewhere = lost_on("ML-KTI", cargo="general", reason=Reason.ROSE, lost=None, alternative=kita)

    for one in (worse, elsewhere):
        first, *_ = gathered([lost_on("ML-DKR-N"), one])
        assert first.facts.lost == "Bamako - Kita - Dakar"
        assert first.facts.alternative is None


def test_of_several_cargoes_the_graver_danger_of_the_lost_road_is_said() -> None:
    high = lost_on("ML-DKR-N", lost_level=Level.HIGH)
    severe = lost_on("ML-DKR-N", cargo="general", lost_level=Level.SEVERE)

    (one,) = gathered([high, severe])

    assert one.facts.lost_level is Level.SEVERE
