"""When what a message tells was: the day and the hour that people write, never in the future."""

from datetime import UTC, datetime
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.subscribers.understood import Action, Choice, Missing, Reading, Standing
from tests.harness import understanding

#: A Saturday, eight in the morning.
NOW = datetime(2025, 11, 29, 8, tzinfo=UTC)
TODAY, YESTERDAY = "2025-11-29", "2025-11-28"


read = partial(understanding.read, now=NOW)


def dated(reading: Reading | Choice) -> str:
    """Return when it was as "2025-11-29 06:00", the day alone when its hour is not known."""
    if reading.when is None or reading.when.at == NOW:
        return "now"
    exact = reading.when.precision == "instant"
    return f"{reading.when.at:%Y-%m-%d %H:%M}" if exact else f"{reading.when.at:%Y-%m-%d}"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("camion brulé ce matin 6h Diéma", f"{TODAY} 06:00"),
        ("barrage a diema a 6 h du matin", f"{TODAY} 06:00"),
        ("barrage à Diéma depuis six heures du matin", f"{TODAY} 06:00"),
        ("truck burnt in Diema at 6:30am", f"{TODAY} 06:30"),
        ("ALERT DIEMA ROADBLOCK 0630hrs", f"{TODAY} 06:30"),
        ("camion brulé à Diéma vers 14h30", f"{YESTERDAY} 14:30"),
        ("camion brulé à Diéma 14:30", f"{YESTERDAY} 14:30"),
        ("embuscade diema 23h", f"{YESTERDAY} 23:00"),
        ("hier soir 22h camion brulé diema", f"{YESTERDAY} 22:00"),
        ("hier soir vers 8h camion brulé diema", f"{YESTERDAY} 20:00"),
        ("camion brulé à Diéma hier à 3h de l'après-midi", f"{YESTERDAY} 15:00"),
        ("camion brulé à Diéma hier à midi", f"{YESTERDAY} 12:00"),
        ("last night at 2am truck burnt in Diema", f"{TODAY} 02:00"),
        ("camion brulé diema hier à minuit", f"{TODAY} 00:00"),
        ("camion brulé à Diéma lundi à 5h", "2025-11-24 05:00"),
        ("il y a 2h camion brulé à Diéma", f"{TODAY} 06:00"),
        ("ça fait 2h que camion brulé à Diéma", f"{TODAY} 06:00"),
        ("barrage depuis 2h à Bla, personne ne passe", f"{TODAY} 06:00"),
        ("barrage depuis 2h du matin à Bla", f"{TODAY} 02:00"),
        ("barrage depuis 6h à Bla", f"{TODAY} 06:00"),
        ("ya environ 30mn camion brulé a diema", "now"),
        ("ya 30mn camion brulé a diema", f"{TODAY} 07:30"),
        ("truck burnt in Diema 3 hours ago", f"{TODAY} 05:00"),
        ("OK DIEMA 6h", f"{TODAY} 06:00"),
        ("camion brulé à Diéma la nuit du 26 au 27", "2025-11-27"),
        ("camion brulé à Diéma, nuit du 26 au 27 octobre", "2025-10-27"),
        ("camion brulé à Diéma la nuit du 28 au 29", "now"),
        ("camion brulé à Diéma j-2", "2025-11-27"),
        ("bien arrivé à Kayes hier soir 21h", f"{YESTERDAY} 21:00"),
    ],
)
def test_what_is_told_is_dated_at_the_hour_that_is_said(text: str, at: str) -> None:
    reading = read(text)

    assert reading.missing is None
    assert dated(reading) == at


@pytest.mark.parametrize(
    "text",
    ["ok lundi Kayes", "ok Kayes ce soir", "OK KAYES 14h", "ok pour samedi à San", "ok lundi"],
)
def test_who_agrees_to_a_day_has_not_passed_on_it(text: str) -> None:
    assert read(text).action is Action.UNCLEAR


@pytest.mark.parametrize("text", ["embuscade diema 8h45", "barrage à Diéma ce soir 22h"])
def test_nothing_is_dated_in_the_future(text: str) -> None:
    when = read(text).when

    assert when is not None
    assert when.at == NOW


@pytest.mark.parametrize(
    "text",
    [
        "couvre-feu de 22h à 6h à Kayes",
        "circulation interdite à Diéma à partir de 18h",
        "barrage à Diéma jusqu'à 18h",
        "barrage à 2h de route de Diéma",
        "route coupée à Diéma de 6h à 18h",
        "bloqués à Diéma pendant 5h par des hommes armés",
        "barrage à Diéma depuis lundi",
        "manifestation lundi à Kayes",
        "il y a 3 camions brulés à Diéma",
        "sept chauffeurs enlevés à Diéma",
        "2024 camions brulés à Diéma",
        "camion de 2010 brulé à Diéma",
        "le 15 tonnes brulé à Diéma, camion perdu",
        "embuscade convoi Diéma comme l'an dernier",
        "barrage à Diéma comme en 2024",
        "camion brulé à Diéma aujourd'hui",
        "barrage à Diéma demain 6h",
    ],
)
def test_what_goes_on_is_of_now(text: str) -> None:
    assert dated(read(text)) == "now"


def test_what_is_announced_is_of_now_and_holds_from_its_day() -> None:
    announced = read("blocus annoncé à Kayes à partir du 5 décembre")
    assert dated(announced) == "now"
    assert announced.when is not None
    assert announced.when.starts_at == datetime(2025, 12, 5, tzinfo=UTC)

    asked = read("blocus annoncé à Kayes et Nioro à partir du 5 décembre")
    assert asked.missing is Missing.PLACE
    assert asked.when == announced.when


@pytest.mark.parametrize("text", ["attaque à 6 h du matin", "vers 2h", "2 h du matin", "at 2am"])
def test_an_hour_is_no_answer_by_number(text: str) -> None:
    question = (Choice(kind="roadblock"), Choice(kind="accident"))

    assert read(text, Standing(question=question)).action is not Action.CHOICE


@pytest.mark.parametrize("text", ["le 2", "le 2 svp", "2"])
def test_the_number_of_an_answer_is_no_day(text: str) -> None:
    question = (Choice(kind="roadblock"), Choice(kind="accident"))
    reading = read(text, Standing(question=question))

    assert (reading.chosen, reading.when) == (question[1], None)


def test_an_hour_is_no_distance() -> None:
    spot = read("barrage 15 km à l'ouest de Diéma à 6 h").location

    assert spot is not None
    assert "15 km from Diéma" in spot.how


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("ALERTE DIEMA BARRAGE hier soir", YESTERDAY, "day"),
        ("camion brûlé à Diéma avant-hier", "2025-11-27", "day"),
        ("camion brulé a diema il y a 3 jours", "2025-11-26", "day"),
        ("ya 4 jours camion brulé a diema", "2025-11-25", "day"),
        ("2 days ago truck burned in Diema", "2025-11-27", "day"),
        ("camion brulé à Diéma lundi", "2025-11-24", "day"),
        ("camion brulé à Diéma il y a trois jours", "2025-11-26", "day"),
        ("truck burnt in Diema two weeks ago", "2025-11-15", "week"),
        ("before yesterday truck burnt in Diema", "2025-11-27", "day"),
        ("camion brulé à Diéma samedi dernier", "2025-11-22", "day"),
        ("camion brulé à Diéma le 12 septembre", "2025-09-12", "day"),
        ("camion brulé à Diéma le 12", "2025-11-12", "day"),
        ("le 30 à Diéma camion brulé", "2025-10-30", "day"),
        ("truck burnt in Diema on the 12th", "2025-11-12", "day"),
        ("ça fait 3 jours camion brulé à Diéma", "2025-11-26", "day"),
        ("camion brulé à Diéma fin octobre", "2025-10-16", "month"),
        ("camion brulé à Diéma le 1er novembre", "2025-11-01", "day"),
        ("truck burnt in Diema on September 12", "2025-09-12", "day"),
        ("camion brulé à Diéma le 12/09", "2025-09-12", "day"),
        ("camion brulé à Diéma le 12/09/2024", "2024-09-12", "day"),
        ("attaque camion a diema la semaine dernière", "2025-11-22", "week"),
        ("camion brulé a diema il y a 2 semaines", "2025-11-15", "week"),
        ("camion brulé à Diéma le mois dernier", "2025-10-16", "month"),
        ("camion brulé à Diéma en septembre", "2025-09-16", "month"),
        ("camion brulé à Diéma en décembre", "2024-12-16", "month"),
        ("camion brulé à Diéma en septembre 2024", "2024-09-16", "month"),
        ("camion brulé à Sandaré en 2024", "2024-07-02", "month"),
        ("camion brulé à Sandaré l'an dernier", "2024-07-02", "month"),
        ("camion brulé à Sandaré il y a 2 ans", "2023-11-30", "month"),
    ],
)
def test_what_was_before_is_dated_as_exactly_as_it_is_said(
    text: str, day: str, precision: str
) -> None:
    reading = read(text)

    assert (reading.action, reading.missing) == (Action.REPORT, None)
    assert reading.when is not None
    assert (f"{reading.when.at:%Y-%m-%d}", reading.when.precision) == (day, precision)


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("diema attaque hier, camion brulé à sandaré aujourd'hui", YESTERDAY, "now"),
        ("hier camion brulé à Diéma, aujourd'hui pont coupé à Kita", YESTERDAY, "now"),
        ("camion brulé à Diéma hier, pont coupé à Kita", YESTERDAY, "now"),
        ("camion brulé a diema, hier pont coupé a kita", "now", YESTERDAY),
        ("Diéma: camion brulé hier, Kita: pont coupé ce matin", YESTERDAY, "now"),
        ("hier camion brulé Bla ce matin San", YESTERDAY, "now"),
        ("camion brulé Bla hier, San aujourd'hui", YESTERDAY, "now"),
        (
            "camion brulé à Diéma hier 22h et pont coupé à Kita ce matin 6h",
            f"{YESTERDAY} 22:00",
            f"{TODAY} 06:00",
        ),
    ],
)
def test_of_two_incidents_each_has_its_own_day(text: str, first: str, second: str) -> None:
    reading = read(text)

    assert reading.missing is Missing.PLACE
    assert reading.when is None
    assert [dated(one) for one in reading.choices] == [first, second]


def test_the_day_that_a_place_was_passed_is_not_that_of_the_attack_behind_it() -> None:
    assert dated(read("passé Diéma hier, citerne brulée à Sandaré ce matin 7h")) == f"{TODAY} 07:00"
    assert dated(read("convoi de Kayes attaqué hier à Diéma")) == YESTERDAY


def test_of_several_days_at_one_place_the_last_counts() -> None:
    assert dated(read("attaque hier et aujourd'hui à Diéma, camion brulé")) == "now"


@given(
    st.lists(
        st.sampled_from(
            "il y a ya hier soir nuit 6h 99h 0h30 25 99999999999 2024 31 30 fevrier 2 ans mois "  # noqa: SIM905
            "jours hours ago minutes en de depuis 12/13 31/02 30/02/2025 midi minuit lundi".split()
        ),
        max_size=9,
    )
)
def test_whatever_is_said_is_dated_and_not_in_the_future(words: list[str]) -> None:
    when = read(f"camion brulé à Diéma {' '.join(words)}").when

    assert when is None or when.at <= NOW


@pytest.mark.parametrize("text", ["il y a 99999999 ans", "99999999999 hours ago", "ya 9999999 j"])
def test_an_age_that_nothing_has_is_no_age(text: str) -> None:
    assert dated(read(f"camion brulé à Diéma {text}")) == "now"
