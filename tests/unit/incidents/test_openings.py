"""A road that is open again one way, to some, or under escort is not open."""

from datetime import timedelta
from typing import Any

import pytest

from app.incidents.answering import Effect, answers
from app.incidents.joining import join
from app.incidents.matching import match
from app.roads.network import Network
from tests.harness.incidents import KINDS, NOON, POLICY, a_report, an_incident

DAY = timedelta(days=1)
WORDS = POLICY.answering.openings
IN_PART = "Rouverte dans le sens Diéma-Kayes seulement"
WHOLE = "Rouverte dans les deux sens"


def reopened(summary: str, report_id: str = "open", *, days: int = 2, **changes: Any) -> Any:
    at = NOON + days * DAY
    return a_report(
        report_id, kind="road_reopened", occurred_at=at, reported_at=at, summary=summary,
        cargo=None, **changes,
    )  # fmt: skip


def effect_of(*reports: Any) -> Effect:
    """Return what the reports of one reopening do to a roadblock there."""
    news = an_incident(reports[0], incident_id="open")
    for report in reports[1:]:
        news = join(news, report, policy=POLICY, kinds=KINDS)
    danger = an_incident(a_report(kind="roadblock", cargo=None), incident_id="danger")
    no_roads = Network(sections=(), corridors=(), places=(), countries=())
    (found,) = answers(news, [danger], kinds=KINDS, policy=POLICY.answering, network=no_roads)
    return found.effect


@pytest.mark.parametrize(
    "said",
    [
        IN_PART,
        "La RN1 est rouverte à sens unique",
        "Route rouverte en direction de Kayes",
        "Rouverte aux petits camions ; interdite aux citernes",
        "Le pont est réparé sur une voie",
        "Réouverture partielle",
        "Le trafic a repris pour les véhicules légers",
        "Rouverte aux cars, sous escorte",
        "Rouverte à certains cars",
        "La route de Kita est ouverte aux militaires",
        "Route rouverte aux FAMA",
        "Rouverte aux camions vides",
        "Rouverte aux cars seulement le jour",
        "Rouverte sauf aux citernes et la nuit",
        "La route n'est pas rouverte aux citernes",
        "Rouverte ; les citernes vides exceptées",
        "Rouverte après l'attaque de citernes",
        "Circulation rétablie, sous escorte",
        "Road reopened, one way only",
        "Reopened under escort",
        "Trêve : la route est rouverte",
        "Blocus suspendu pour dix jours",
        "Le blocus est levé pour les dix prochains jours",
        "Blockade lifted for 48 hours",
        "Blockade lifted until further notice",
        "Allègement du blocus",
        "Levée provisoire du blocus",
        "Rouverte jusqu'à vendredi",
        "Route ouverte à Diéma de 6h à 18h",
        "Road open between 6 am and 6 pm",
        "Road open until Friday",
        "La route est ouverte le jour",
        "Reprise timide du trafic",
        "Circulation rétablie sur une partie du tronçon",
        "La route est rouverte à condition que les femmes portent le voile",
        "Traffic resumed with army escorts",
        "Voie libre d'un seul côté",
    ],
)
def test_a_road_open_in_part_ends_no_closure(said: str) -> None:
    assert effect_of(reopened(said)) is Effect.LOWERS


@pytest.mark.parametrize(
    "said",
    [
        "",
        "La route est rouverte",
        "Fermée pendant dix jours, la route est rouverte",
        "Rouverte pour la première fois depuis dix jours",
        "Rouverte depuis trois jours",
        "Rouverte pour tous depuis trois jours",
        "The road, closed for two weeks, has reopened",
        "Le blocus imposé pendant deux mois est levé",
        "Interrompu pendant quatre jours, le trafic a repris",
        "Traffic halted for five days resumed today",
        "La route est ouverte de jour comme de nuit",
        "Couvre-feu de 21h à 5h levé",
        WHOLE,
        "Rouverte à tous les véhicules",
        "Le trafic a repris normalement dans la nuit",
        "Road fully reopened in both directions",
        "La route est rouverte, le gouverneur appelle les transporteurs à reprendre le travail",
        "Route rouverte à la demande des transporteurs",
        "La RN1 est rouverte, dit le syndicat qui demande la libération des chauffeurs",
        "La route est rouverte, les transporteurs espèrent la fin des attaques",
        "Route ouverte le jour et la nuit",
        "Route rouverte grâce aux FAMA",
        "Route dégagée d'un côté et de l'autre",
        "The road is open again; help is expected soon, operations ongoing",
        "Restrictions on Lere lifted on 4 March 2025",
        "Blockade since Sept 2023 was lifted at end of March 2025 and road open since early April",
    ],
)
def test_a_road_that_is_open_ends_it(said: str) -> None:
    assert effect_of(reopened(said)) is Effect.RESOLVES


@pytest.mark.parametrize(
    "said",
    [
        "Négociations en cours pour la levée du blocus",
        "Negotiations under way to lift the blockade",
        "Les transporteurs réclament la réouverture de la route",
        "Les habitants espèrent la fin du blocus",
        "Le gouverneur appelle à la levée du blocus",
        "Residents hope the road will reopen soon",
        "Reprise du trafic attendue lundi",
        "Rumeurs de levée du blocus",
        "Le blocus aurait été levé",
        "Le JNIM promet de lever le blocus si la taxe est retirée",
        "The army says it will reopen the road within days",
        "Company to resume on 20 October per tacit arrangement",
    ],
)
def test_a_road_that_is_to_be_open_ends_no_closure(said: str) -> None:
    """Carriers who demanded that the road be opened were told as an all-clear."""
    assert effect_of(reopened(said)) is Effect.LOWERS


@pytest.mark.parametrize(
    ("first", "then", "one"),
    [
        (
            "Négociations pour la levée du blocus",
            "Le blocus est levé, la route est rouverte",
            False,
        ),
        ("La route est rouverte", "Rumeurs de réouverture de la route", False),
        ("Négociations pour la levée du blocus", "Le JNIM promet de lever le blocus", True),
        ("La route est rouverte", "Army operation allowed traffic to resume", True),
    ],
)
def test_a_road_that_is_open_is_other_news_than_one_that_was_promised(
    first: str, then: str, *, one: bool
) -> None:
    """Joined, it would wait for a person; or open on the word of whoever only hoped for it."""
    promised = an_incident(reopened(first), incident_id="first")

    found = match(reopened(then, "then", days=3), [promised], policy=POLICY.matching, kinds=KINDS)

    assert (found.incident_id is not None) is one


def test_it_is_open_in_part_until_it_is_told_to_be_open_as_a_whole() -> None:
    first, again = reopened(IN_PART), reopened("La route est rouverte", "again", days=3)

    assert effect_of(first, again) is Effect.LOWERS
    assert effect_of(first, again, reopened(WHOLE, "whole", days=4)) is Effect.RESOLVES


def test_a_stranger_does_not_open_the_rest_of_it() -> None:
    stranger = reopened(WHOLE, "whole", days=3, known_source=False, source_type="driver")

    assert effect_of(reopened(IN_PART), stranger) is Effect.LOWERS


COACHES, TANKERS = ("passengers",), ("fuel",)
OTHERS = ("goods", "passengers", "humanitarian")


@pytest.mark.parametrize(
    ("said", "to", "shut"),
    [
        ("La route est rouverte aux cars", COACHES, ()),
        ("Road reopened to buses", COACHES, ()),
        ("Rouverte aux cars seulement", COACHES, ()),
        ("Le trafic a repris pour les cars depuis ce matin", COACHES, ()),
        ("Les cars passent à nouveau", COACHES, ()),
        ("Les bus circulent de nouveau entre Bamako et Ségou", COACHES, ()),
        ("Les citernes sont de nouveau interdites", OTHERS, TANKERS),
        ("Rouverte aux cars et aux camions", ("goods", "passengers"), ()),
        ("Rouverte aux camions de carburant", TANKERS, ()),
        ("L'interdiction est levée pour les citernes", TANKERS, ()),
        ("ROUTE DIEMA ROUVERTE SAUF CITERNES", OTHERS, TANKERS),
        ("Rouverte dans les deux sens, sauf aux citernes", OTHERS, TANKERS),
        ("Réouverte, toujours interdite aux citernes", OTHERS, TANKERS),
        ("Reopened for all vehicles except tankers", OTHERS, TANKERS),
        ("Rouverte sauf aux camions", COACHES, ("fuel", "goods", "humanitarian")),
        ("Rouverte aux cars et interdite aux citernes", COACHES, TANKERS),
        ("Rouverte aux cars, les citernes restent interdites", COACHES, TANKERS),
        ("Les citernes restent bloquées à Diéma, mais les cars passent", COACHES, TANKERS),
        ("ROUVERTE AUX CARS, CITERNES INTERDITES", COACHES, TANKERS),
        ("Reopened for buses, fuel tankers still banned", COACHES, TANKERS),
        ("Open to passengers but not to tankers", COACHES, TANKERS),
        ("La route est rouverte", (), ()),
        ("Rouverte à tous les véhicules", (), ()),
    ],
)
def test_it_is_read_to_whom_a_road_is_open_and_to_whom_it_is_not(
    said: str, to: tuple[str, ...], shut: tuple[str, ...]
) -> None:
    found = WORDS.read(said)

    assert (found.to, found.shut, found.in_part) == (to, shut, None)
    assert WORDS.read(WORDS.words_for(found), found.to) == found


def test_what_a_report_says_beside_its_words_is_whom_it_is_open_to() -> None:
    named = an_incident(a_named("bus"))

    assert (named.cargo, named.in_part) == (COACHES, False)
    both = WORDS.read("Rouverte sauf aux citernes", TANKERS)
    assert both.in_part is not None  # one says open, the other closed: nobody knows


def a_named(cargo: str) -> Any:
    at = NOON + 2 * DAY
    return a_report(
        "named", kind="road_reopened", occurred_at=at, reported_at=at, cargo=cargo,
        summary="Les cars repartent",
    )  # fmt: skip


def test_what_is_shut_stays_shut_whoever_is_heard_after() -> None:
    first = reopened("Rouverte sauf aux citernes")
    again = reopened("La route est rouverte", "again", days=3)
    news = join(an_incident(first), again, policy=POLICY, kinds=KINDS)

    assert (news.cargo, news.shut, news.in_part) == (OTHERS, TANKERS, False)


def test_news_for_others_lends_no_credit_to_whoever_says_that_tankers_may_pass() -> None:
    news = an_incident(reopened("Rouverte aux cars"))

    def joins(said: str) -> bool:
        other = reopened(said, "other")
        return match(other, [news], kinds=KINDS, policy=POLICY.matching).incident_id is not None

    assert joins("La route est rouverte aux cars")
    assert joins("La route est rouverte")
    assert not joins("La route est rouverte aux citernes")
    assert not joins("La route est rouverte à tous les véhicules")
    assert not joins("La route est rouverte à toute circulation")
