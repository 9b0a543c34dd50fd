"""Where and when something happened, as a reader is told it."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.alerts.alert import ENDS, WITHOUT_NEWS, AlertType, Certainty, Reason
from app.alerts.compose import compose
from app.alerts.sms_text import to_gsm7
from app.alerts.whereabouts import where_at
from app.core.levels import Level
from tests.harness.texts import KINDS, LAKAMANE, LANGUAGES, STATEMENTS, TEMPLATES, sms


@pytest.mark.parametrize(
    ("language", "place", "km", "said", "shorter"),
    [
        ("fr", "Ansongo", None, "à Ansongo", ""),
        ("fr", "Ansongo", 0, "près d'Ansongo", ""),
        ("fr", "Zantiébougou", 25, "à 25 km de Zantiébougou", "près de Zantiébougou"),
        ("fr", "Élan", 25, "à 25 km d'Élan", "près d'Élan"),
        ("en", "Ansongo", 0, "near Ansongo", ""),
        ("en", "Zantiébougou", 25, "25 km from Zantiébougou", "near Zantiébougou"),
    ],
)
def test_what_happened_aside_of_a_place_is_not_said_to_be_in_it(
    language: str, place: str, km: int | None, said: str, shorter: str
) -> None:
    facts = replace(LAKAMANE, place=place, place_km=km)

    told = sms(facts, AlertType.ALERT, language)
    forms = where_at(place, TEMPLATES.language(language).texts, area=False, km=km)

    assert f" {to_gsm7(said)} " in told.text
    assert told.segments == 1
    assert [form.strip() for form in forms] == [said, shorter][: 2 if shorter else 1]


@pytest.mark.parametrize(
    ("precision", "said"),
    [
        ("instant", "le 31/08 à 23h30"),
        ("day", "le 31/08."),
        ("week", "semaine du 31/08"),
        ("month", "en aout"),
    ],
)
def test_when_is_told_as_exactly_as_it_is_known(precision: str, said: str) -> None:
    at = datetime(2025, 8, 31, 23, 30, tzinfo=UTC)
    facts = replace(LAKAMANE, occurred_at=at, date_precision=precision)

    assert said in sms(facts).text


def test_times_are_of_the_zone_that_policy_names() -> None:
    facts = replace(LAKAMANE, reported_at=datetime(2025, 9, 14, 23, 30, tzinfo=UTC))

    niamey = compose(
        facts,
        AlertType.ALERT,
        channel="sms",
        language="fr",
        templates=TEMPLATES,
        zone=ZoneInfo("Africa/Niamey"),
    )

    assert "Info 15/09 0h30" in niamey.text
    assert "Info 23h30" in sms(facts).text


def test_an_area_is_named_in_the_language_of_the_reader() -> None:
    facts = replace(
        LAKAMANE, kind="blockade_threat", place="région de Kayes", area=True, stretch=None
    )

    assert "Bamako-Dakar (RN1), blocus annoncé (région de Kayes)" in sms(facts).text
    assert "blockade announced (Kayes region)" in sms(facts, language="en").text


@pytest.mark.parametrize("stretch", [None, ("Bamako", "Dakar"), ("Dakar", "Bamako")])
def test_of_two_roads_between_the_same_towns_the_one_that_is_meant_is_named(
    stretch: tuple[str, str] | None,
) -> None:
    """Eased on the road by Kayes is not eased on that by Kita."""
    south = replace(LAKAMANE, stretch=stretch, road=None, place=None, kind=None, via="Kita")
    eased = replace(south, reason=Reason.FELL, before=Level.SEVERE, level=Level.MODERATE)

    fell = sms(eased, AlertType.UPDATE).text

    assert "Bamako-Kita-Dakar" in fell
    assert "Bamako-Dakar" not in fell
    part = sms(replace(LAKAMANE, via="Kayes")).text
    assert "Sandaré-Diéma" in part, "a part of it is on one of them only"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cargoes", [(), ("goods", "passengers")])
def test_of_an_area_the_name_stays_else_the_whole_route_would_be_meant(
    cargoes: tuple[str, ...], language: str
) -> None:
    """ "Bamako-Mopti, blocus annoncé le 17/10" for a blockade around Mopti."""
    area = replace(LAKAMANE, place="région de Mopti", area=True, stretch=None, road=None)
    for kind, certainty, (alert_type, reason, before, level) in itertools.product(
        KINDS, Certainty, STATEMENTS
    ):
        if alert_type in ENDS or reason in {*WITHOUT_NEWS, Reason.CORRECTED}:
            continue
        facts = replace(
            area,
            kind=kind,
            certainty=certainty,
            reason=reason,
            before=before,
            level=level,
            with_cargoes=cargoes,
        )
        text = sms(facts, alert_type, language).text
        assert "(région de Mopti)" in text or "(Mopti" in text, text
