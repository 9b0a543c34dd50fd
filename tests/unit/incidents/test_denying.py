"""A denial is filed under the kind of what it denies, and is no word for it."""

from datetime import timedelta
from typing import Any

import pytest

from app.core.errors import ConfigError
from app.incidents.answering import answers
from app.incidents.denying import deny_words
from app.incidents.joining import join
from app.incidents.report import DENIED, Report
from app.roads.network import Network
from tests.harness.incidents import KINDS, NOON, POLICY, a_report, an_incident

DENIAL = "Le gouverneur de Ségou dément tout blocus de la ville"


def told(summary: str, report_id: str = "r1", kind: str = "blockade_threat", **more: Any) -> Report:
    return a_report(report_id, kind=kind, summary=summary, cargo=None, **more)


@pytest.mark.parametrize(
    "said",
    [
        DENIAL,
        "La compagnie dément : aucun bus n'a été attaqué à Fana, il s'agit d'une panne",
        "L'état-major dément la prise du camp de Soumpi",
        "Governor denies reports of a blockade of Ségou",
        "Fausse alerte à Fana",
        "Rumeur d'attaque démentie par la gendarmerie",
        "Rumeur d'attaque à Fana démentie par le maire",
        "Rumours of an attack on Fana denied by the army",
        "L'attaque n'a pas eu lieu, dit le maire",
        "L'attaque de Fana n'a jamais eu lieu",
        "Le gouverneur réfute tout blocus de Ségou",
        "Army refutes reports of an attack on Fana",
        "L'attaque de Fana est une fausse rumeur",
        "L'armée dément l'attaque",
        "Le préfet dément toute rumeur de blocus et d'attaque",
        "Authorities deny reports of an ambush near Fana",
        "Aucune attaque n'a eu lieu à Fana",
        "Selon le préfet, aucune attaque n'a été signalée à Fana",
        "Il n'y a pas eu d'attaque à San",
        "Il n'y a pas de barrage à Kati, c'est une rumeur",
        "No attack on Fana, mayor says",
        "Aucun barrage sur la RN6",
        "Aucune attaque à Fana, la situation est calme",
        "No roadblock has been reported at Fana",
        "Aucun barrage entre Fana et Ségou selon le gouverneur",
        "Rumeur d'attaque à San : le préfet dément",
        "Rumour of attack on San last night: prefect denies, a tyre burst caused panic",
        "Aucun car n'a été attaqué à Niono, selon la compagnie",
        "No tanker was attacked on the RN7, hauliers say",
        "La nouvelle d'une embuscade à Macina est fausse",
        "Le siège de Macina est démenti par le maire",
        "Report of a roadblock at Niono is untrue, police say",
        "Rumeurs d'enlèvement à Macina sans fondement",
        "Rumour on WhatsApp says Niono is under siege; a fact-check finds it false",
        "Un message viral annonce la fermeture de la RN15. C'est faux, selon le gouverneur",
        "L'embuscade de Macina est une rumeur, tout est calme",
        "Pas de barrage à Macina c'est calme",
    ],
)
def test_what_denies_a_danger_is_no_word_for_it(said: str) -> None:
    assert told(said).reliability == DENIED


@pytest.mark.parametrize(
    "said",
    [
        "Un blocus de Ségou annoncé",
        "Rumeur d'attaque démentie par des habitants qui ont vu brûler trois camions",
        "Rumeur d'attaque démentie par l'armée, confirmée par les chauffeurs",
        "Rumeur d'attaque à Fana démentie par le maire, trois camions brûlés",
        "Rumeur d'attaque repoussée démentie par un élu",
        "Rumeur de levée du blocus démentie par le préfet",
        "L'attaque démentie par l'armée a fait trois morts",
        "Le JNIM dément avoir levé le blocus de Nioro",
        "Le JNIM réfute avoir attaqué le convoi",
        "Le JNIM dément : le blocus n'est pas levé",
        "Blocus de Nioro : démenti des jihadistes",
        "L'armée dément avoir attaqué le village",
        "JNIM denies involvement in the attack on a bus",
        "Army first denied, then claimed a victory",
        "L'attaque n'a pas eu lieu à Fana mais à Konobougou",
        "Fausse rumeur de levée du blocus",
        "Deux camions brûlés à Fana. Le préfet dément toute attaque.",
        "Des hommes armés ont attaqué un bus. La compagnie dément toute attaque.",
        "Attaque d'un convoi à Fana : l'armée dément toute attaque",
        "L'armée dément la prise du camp mais reconnaît une attaque",
        "L'armée dément la prise du camp. Huit soldats tués.",
        "Ce n'est pas une fausse alerte : barrage à Fana",
        "Fausse alerte à Fana mais barrage à Konobougou",
        "Deux morts : ce n'était pas une fausse rumeur",
        "Trucks denied passage at a roadblock near Fana",
        "JNIM denies access to Nioro: blockade continues",
        "Le gouverneur n'a pas démenti le blocus",
        "Personne ne dément l'attaque",
        "Malgré le démenti du gouverneur, le blocus continue",
        "Les habitants démentent le gouverneur : le blocus continue",
        "Les chauffeurs démentent : le blocus est total",
        "Les autorités démentent, les chauffeurs confirment le blocus",
        "Les transporteurs démentent la fin du blocus",
        "Army denies attack, residents say otherwise",
        "Le préfet dément tout blocus, camions bloqués à Fana",
        "Carriers deny that the siege is over",
        "Le préfet dément tout blocus alors que 12 camions ont été brûlés",
        "Le ministère dément le paiement d'une rançon après l'enlèvement des chauffeurs",
        "The army denied losing soldiers in the ambush",
        "JNIM denies ceasefire, roadblock maintained",
        "Contrairement aux fausses rumeurs, la route reste fermée à Fana",
        "Route fermée à Fana suite à une fausse alerte à la bombe",
        "Le marché n'a pas eu lieu, attaque ce matin à Fana",
        "Après l'attaque, le marché n'a pas eu lieu",
        "Le convoi n'a pas eu lieu à cause du blocus",
        "Attaque à Fana le marché n'a pas eu lieu",
        "Fausse alerte hier, ce soir des hommes armés à Fana",
        "Aucune attaque n'a eu lieu à Fana mais un barrage est signalé",
        "Aucune attaque n'a fait autant de morts",
        "Aucune embuscade, les camions ont sauté sur une mine",
        "Aucun convoi attaqué n'est arrivé",
        "Pas de carburant à Fana à cause du blocus",
        "Pas un barrage mais deux à Fana",
        "Pas d'attaque hier à Fana. Ce matin, attaque d'un bus",
        "Personne n'a revendiqué l'attaque",
        "No one killed in attack on Fana",
        "No end to the blockade of Nioro",
        "No warning before the attack on Fana",
        "Rumeur d'attaque à San, deux morts, le préfet dément",
        "Rumeurs d'attaque à San : le préfet ne dément pas",
        "Il n'y a pas seulement un barrage à Fana",
        "Il n'y a pas que l'attaque à Fana",
        "Pas passage barrage à Fana",
        "Pas loin embuscade sur RN6",
        "No fuel blockade at Kayes",
        "No doubt attack at Fana",
        "Aucune autre attaque à Fana",
        "Aucune nouvelle attaque à Fana",
        "No more attacks at Fana",
        "Aucune attaque à Fana n'a été aussi meurtrière",
        "No attack on this road has been deadlier",
        "No attack in years was as bad",
        "No attack on this road was claimed",
        "Aucune attaque contre l'armée n'a été revendiquée",
        "No roadblock was removed",
        "No ambush was foiled",
        "Pas de barrage à Fana, il est à Konobougou",
        "Pas de barrage à Fana il est à Konobougou",
        "Pas d'attaque à Fana, mines sur la route",
        "No attack at Fana, the trucks are seized at Bougouni",
        "Pas d'attaque hier soir, ce matin oui",
        "Aucune attaque à Niono sauf celle du camp",
        "No ambush at Niono except on an army convoy",
        "Aucun barrage sur la RN15 à part celui de Macina",
        "No attack at Niono until this evening",
        "Aucun camion n'a été attaqué aussi près de la ville",
        "Aucun convoi n'a été attaqué sauf le nôtre",
        "Le récit officiel de l'embuscade de Macina est faux",
        "La nouvelle de la levée du blocus de Macina est fausse",
        "Le barrage de Macina est faux barrage de bandits",
        "Le barrage de Macina est faux poste de police",
        "L'attaque est une rumeur selon eux, pas selon nous",
        "Viral message says RN15 is safe after the attack; it is untrue",
        "Viral video shows an ambush at Niono. The claim that it is old is false.",
        "Rumeur de blocus à Niono. C'est faux, trois camions brûlés",
        "Le siège de Niono est démenti par les autorités, personne ne passe",
        "Le blocus de Niono est démenti. Personne ne passe.",
        "Le blocus de Niono est démenti. Les camions passent pas.",
        "Le gouverneur dément le blocus de Niono. Les camions ne passent pas.",
        "Le maire dément le blocus de Niono. Les stations sont à sec et rien n'arrive.",
        "Officials deny the blockade of Niono. Drivers say nobody gets through.",
        "Officials deny the blockade of Niono. No truck from Ségou moves.",
        "L'attaque de Macina est une rumeur persistante",
        "The ambush at Macina is a rumour that proved true",
        "The ambush at Macina is a rumour, two trucks on their side",
        "L'embuscade de Macina est une rumeur. Trois camions brûlent",
        "The ambush at Macina is a rumour. Avoid the road, trucks are stuck.",
        "Une embuscade pareille n'a jamais existé à Macina",
        "L'embuscade n'a jamais existé ici avant ce matin",
        "Le barrage de Macina est faux",
        "The checkpoint at Macina is false, say drivers",
        "Rumeur de retrait des jihadistes de Niono. C'est faux",
        "Rumour says the siege of Niono ended; it is false",
        "Pas de barrage à Macina c'est à Niono",
        "Pas de barrage à Macina plutôt à Niono",
    ],
)
def test_who_denies_something_else_leaves_the_danger_as_it_is(said: str) -> None:
    assert told(said).reliability is None


def test_blockade_that_the_governor_denies_is_not_confirmed_by_him() -> None:
    rumour = told("Un blocus de Ségou annoncé", source_type="local news")
    alone = an_incident(rumour)

    both = join(alone, told(DENIAL, "r2", source_type="official"), policy=POLICY, kinds=KINDS)

    assert both.credibility == alone.credibility
    assert not both.certain
    assert an_incident(told(DENIAL)).credibility == 0


def test_who_takes_back_what_he_said_is_believed_no_more() -> None:
    held = an_incident(told("Un blocus de Ségou annoncé", origin="radio"))

    after = join(held, told(DENIAL, "r2", origin="radio"), policy=POLICY, kinds=KINDS)

    assert held.credibility > 0
    assert after.credibility == 0


def test_nobody_takes_back_what_another_said_by_naming_or_quoting_him() -> None:
    """A reporter without a record who wrote "AFP" and "fausse alerte" ended what AFP had told."""
    marks = ("page",)
    held = an_incident(told("Un blocus de Ségou annoncé", origin="agency", marks=marks))

    named = told("Fausse alerte", "r2", origin="agency", known_source=False)
    quoted = told("Fausse alerte", "r3", origin="radio", marks=marks)

    for denial in (named, quoted):
        after = join(held, denial, policy=POLICY, kinds=KINDS)
        assert after.credibility == held.credibility


def test_reopening_that_is_denied_opens_nothing() -> None:
    """It was filed as good news, and ended the closure that it says to last."""
    day = NOON + timedelta(days=2)
    denied = told(
        "Le syndicat dément toute reprise du trafic",
        "open",
        "road_reopened",
        occurred_at=day,
        reported_at=day,
    )
    danger = an_incident(told("Route coupée", kind="roadblock"), incident_id="danger")
    no_roads = Network(sections=(), corridors=(), places=(), countries=())

    assert denied.reliability == DENIED
    assert not answers(
        an_incident(denied, incident_id="open"),
        [danger],
        kinds=KINDS,
        policy=POLICY.answering,
        network=no_roads,
    )


def test_reopening_is_told_beside_a_closure_that_is_denied() -> None:
    said = "Le gouverneur dément toute nouvelle fermeture : la route est ouverte"

    assert told(said, kind="road_reopened").reliability is None


def test_without_its_table_nothing_is_read_as_a_denial() -> None:
    assert deny_words(None, "file") is None
    with pytest.raises(ConfigError, match="exactly verbs, own"):
        deny_words({"verbs": ["dement"]}, "file")
