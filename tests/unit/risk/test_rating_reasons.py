"""The reasons of a rating, and what it remembers of rules and incidents."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.levels import Level
from app.incidents.incident import Status
from app.incidents.report import Range
from app.risk.evidence import gather
from app.risk.rate import others, rate, score_of
from tests.harness.risk import (
    BOOK,
    KAYES,
    NOW,
    POLICY,
    SECTION,
    an_incident,
    book_of,
    evidence_of,
    near,
    rate_all,
    some_rules,
)


def test_reasons_the_rest_and_the_prior_add_up_to_the_hazard() -> None:
    incidents = [near(an_incident(id=f"i{n:02}", days_ago=n * 7.0), km=n % 20) for n in range(40)]

    rating = rate(evidence_of(*incidents), "fuel", now=NOW, explain=True)

    assert len(rating.contributions) == POLICY.reasons
    told = sum(one.hazard for one in rating.contributions)
    assert rating.prior + told + others(rating) == pytest.approx(rating.hazard, abs=2e-6)
    assert rating.score == score_of(rating.hazard)


def test_floor_that_holds_is_among_the_reasons_however_small_its_figure() -> None:
    blockade = near(an_incident("blockade_threat", id="b", location=KAYES))
    attacks = [near(an_incident("ied", id=f"i{n:02}", days_ago=8.0 + n)) for n in range(20)]

    rating = rate(evidence_of(blockade, *attacks), "fuel", now=NOW, explain=True)

    floors = [one for one in rating.contributions if one.floor is not None]
    assert [(one.rule_id, one.floor, one.floor_until) for one in floors] == [
        ("blockade", Level.SEVERE, None)
    ]


def test_good_news_is_among_the_reasons() -> None:
    transit = near(an_incident("safe_transit", cargo=("fuel",)))

    (reason,) = rate(evidence_of(transit), "fuel", now=NOW, explain=True).contributions

    assert reason.cleared
    assert reason.weight == -0.35


def test_newest_good_news_is_told_among_many_dangers() -> None:
    dangers = [near(an_incident("ied", id=f"i{n:02}", days_ago=8.0 + n)) for n in range(20)]
    transits = [
        near(an_incident("safe_transit", id=f"t{n}", days_ago=n, cargo=("fuel",))) for n in range(4)
    ]

    rating = rate(evidence_of(*dangers, *transits), "fuel", now=NOW, explain=True)

    assert {one.incident_id for one in rating.contributions if one.cleared} == {"t0", "t1"}
    assert len(rating.contributions) == POLICY.reasons


def test_unknown_cargo_is_refused() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        rate(evidence_of(), "gold", now=NOW)


def test_rule_that_throws_counts_as_not_applying() -> None:
    book = book_of(
        some_rules(
            {"when": "incident.reports / incident.fatalities > 0", "weight": 3},
            {"when": 'incident.kind == "ied"', "weight": 1},
        )
    )
    evidence = evidence_of(near(an_incident("ied")), book=book)

    assert rate(evidence, "fuel", now=NOW).level is Level.MODERATE
    assert [one.rule for one in evidence.problems] == ["rule-0"]


def test_rule_by_cargo_and_section_applies_to_those_only() -> None:
    book = book_of(
        some_rules(
            {"when": 'cargo == "goods" && section.id == "diema~sandare"', "weight": 1.0},
            {"when": 'section.id == "elsewhere"', "weight": 2.0},
        )
    )

    ratings = rate_all(evidence_of(near(an_incident("ied")), book=book), now=NOW)

    assert ratings["goods"].hazard > ratings["goods"].prior
    assert ratings["fuel"].hazard == ratings["fuel"].prior
    assert BOOK.reach_km >= 50
    assert SECTION.id in ratings["goods"].section_id


def test_refuted_version_takes_the_floor_of_the_earlier_one_away() -> None:
    incident = an_incident()
    evidence = evidence_of(near(incident))

    refuted = replace(incident, version=2, status=Status.REFUTED)
    rating = rate(evidence.with_incidents([near(refuted)]), "fuel", now=NOW)

    assert rating.level is Level.UNKNOWN


def test_attack_that_was_none_no_longer_counts_for_those_after_it() -> None:
    attacks = [near(an_incident("abduction", id=f"a{n}", days_ago=n)) for n in range(3)]
    accident = near(an_incident("accident", id="a2", days_ago=2.0, version=2))

    evidence = evidence_of(*attacks).with_incidents([accident])

    now = NOW + timedelta(days=5)
    told = rate(evidence, "goods", now=now, explain=True)
    assert told == rate(evidence_of(*attacks[:2], accident), "goods", now=now, explain=True)
    assert "attacks-repeated" not in {one.rule_id for one in told.contributions}


def test_judgement_near_one_section_is_not_taken_for_another() -> None:
    book = book_of(some_rules({"when": 'section.id == "elsewhere"', "weight": 1.0}))
    exposed = [near(an_incident("ied"))]

    here = rate(gather(SECTION, exposed, book), "fuel", now=NOW)
    there = rate(gather(replace(SECTION, id="elsewhere"), exposed, book), "fuel", now=NOW)

    assert here.hazard == here.prior
    assert there.hazard > there.prior


def test_same_version_with_other_facts_is_judged_anew() -> None:
    # a unit of work may be run again after a deadlock, and find other facts for the same version
    small, large = (an_incident(vehicles=Range(low=1, high=high)) for high in (2, 40))

    levels = [rate(evidence_of(near(one)), "goods", now=NOW).level for one in (small, large)]

    assert levels == [Level.MODERATE, Level.HIGH]
