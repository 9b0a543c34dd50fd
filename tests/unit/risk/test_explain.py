"""Reasons in words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.risk.explain import Label, explain, factors, shares
from app.risk.rate import rate
from app.risk.weighing import Exposed
from tests.harness.risk import CARGOES, FAMILIES, KAYES, NOW, an_incident, evidence_of, near

LABELS = {
    "i": Label(kind="fuel convoy intercepted", place="Lakamané", sources=3),
    "b": Label(kind="blockade announced", place="région de Kayes", area=True, sources=1),
    "r": Label(kind="convoi attaqué", place="Sandaré - Diéma", sources=1),
    "a": Label(kind="convoi attaqué", place="Ansongo", sources=1),
    "t": Label(kind="safe transit", place="Lakamané", sources=1),
}


def until(instant: datetime) -> str:
    return f"{instant:%d.%m.}"


def said(*exposed: Exposed, language: str = "en") -> tuple[str, ...]:
    rating = rate(evidence_of(*exposed), "fuel", now=NOW, explain=True)
    return explain(rating, language=language, labels=LABELS, until=until)


def test_interception_is_told_with_place_age_sources_floor_and_points() -> None:
    lines = said(near(an_incident(id="i", days_ago=2.0)))

    assert lines[0] == "Severe, held by the rules (4.8 % by statistics)."
    assert lines[1] == (
        "fuel convoy intercepted near Lakamané, 2 days ago, 3 sources, "
        "holds severe until 15.09., adds 4.5 point(s)"
    )


def test_french_reads_french() -> None:
    lines = said(near(an_incident(id="i", days_ago=2.0)), language="fr")

    assert lines[0].startswith("Niveau grave, imposé par les règles (4,8 %")
    assert "il y a 2 jours, 3 sources, impose le niveau grave jusqu'au 15.09." in lines[1]


@pytest.mark.parametrize(
    ("about", "language", "where"),
    [
        ("r", "fr", "convoi attaqué entre Sandaré et Diéma,"),
        ("r", "en", "convoi attaqué between Sandaré and Diéma,"),
        ("a", "fr", "convoi attaqué près d'Ansongo,"),
        ("a", "en", "convoi attaqué near Ansongo,"),
    ],
)
def test_where_is_said_as_the_language_says_it(about: str, language: str, where: str) -> None:
    assert said(near(an_incident(id=about)), language=language)[1].startswith(where)


def test_blockade_holds_until_lifted_for_the_whole_region() -> None:
    lines = said(near(an_incident("blockade_threat", id="b", location=KAYES)))

    assert "blockade announced for the whole of région de Kayes" in lines[1]
    assert "holds severe until lifted" in lines[1]
    assert "1 source," in lines[1]


@pytest.mark.parametrize(
    ("language", "held"),
    [
        ("fr", "impose le niveau modéré jusqu'à son début, le 15.09."),
        ("en", "holds moderate until it begins, 15.09."),
    ],
)
def test_what_is_announced_holds_its_first_level_until_it_begins(language: str, held: str) -> None:
    begins = datetime(2025, 9, 15, tzinfo=UTC)
    exposed = near(an_incident("blockade_threat", id="b", location=KAYES, starts_at=begins))
    rating = rate(evidence_of(exposed), "fuel", now=NOW, explain=True)
    labels = {"b": replace(LABELS["b"], begins_at=begins)}

    lines = explain(rating, language=language, labels=labels, until=until)

    assert held in lines[1]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_good_news_never_says_where_the_vehicle_was(language: str) -> None:
    lines = said(near(an_incident("safe_transit", id="t", cargo=("fuel",))), language=language)

    assert not any("Lakamané" in line for line in lines)
    assert "safe transit" in lines[1]


def test_no_news_is_said_to_be_no_safety() -> None:
    assert said()[0] == "Unknown: no news recent enough; this is no sign of safety."


def test_incident_without_a_label_is_told_by_its_rule() -> None:
    english = said(near(an_incident(id="other")))
    french = said(near(an_incident(id="other")), language="fr")

    assert english[1].startswith("Fuel convoy intercepted: no fuel on this road for three days")
    assert french[1].startswith("Convoi de carburant intercepté")


@pytest.mark.parametrize(
    ("days", "words"),
    [(0.01, "less than an hour ago"), (0.25, "6 h ago"), (1.2, "1 day ago"), (9.0, "9 days ago")],
)
def test_age_is_told_in_the_unit_that_matters(days: float, words: str) -> None:
    assert words in said(near(an_incident(id="i", days_ago=days)))[1]


def test_rest_is_told_when_reasons_are_many() -> None:
    many = [
        near(an_incident(id=f"n{n:02}", occurred_at=NOW - timedelta(days=20 + n)))
        for n in range(20)
    ]

    assert any(line.startswith("further incidents") for line in said(*many))


CASES = st.lists(
    st.tuples(
        st.sampled_from(sorted(FAMILIES)), st.floats(0, 60), st.sampled_from([0.0, 5.0, 20.0])
    ),
    max_size=25,
)


@given(CASES, st.sampled_from(CARGOES), st.sampled_from(["fr", "en"]))
def test_factors_add_up_to_the_score_and_to_the_hazard(
    incidents: list[tuple[str, float, float]], cargo: str, language: str
) -> None:
    exposed = [
        near(an_incident(kind, id=f"n{n:02}", days_ago=days), km)
        for n, (kind, days, km) in enumerate(incidents)
    ]
    rating = rate(evidence_of(*exposed), cargo, now=NOW, explain=True)

    found = factors(rating, language=language, labels={}, until=until)

    assert round(sum(one.points for one in found), 1) == rating.score
    assert sum(one.hazard for one in found) == pytest.approx(
        rating.hazard, abs=2e-5
    )  # each rounded
    assert all(one.words and one.points >= 0 for one in found)
    assert {one.incident_id for one in found} >= {one.incident_id for one in rating.contributions}


@given(st.floats(0, 100), st.lists(st.floats(1e-6, 50), min_size=1, max_size=15))
def test_shares_follow_the_hazards_to_a_tenth(score: float, hazards: list[float]) -> None:
    told = round(score, 1)

    parts = shares(told, hazards)

    assert round(sum(parts), 1) == told
    for part, hazard in zip(parts, hazards, strict=True):
        assert abs(part - told * hazard / sum(hazards)) < 0.1 + 1e-9


def test_the_words_say_the_same_points_as_the_figures() -> None:
    rating = rate(
        evidence_of(near(an_incident(id="i", days_ago=2.0))), "fuel", now=NOW, explain=True
    )

    (first, *_) = factors(rating, language="en", labels=LABELS, until=until)

    assert f"adds {first.points:.1f} point(s)" in first.words
