"""What is denied of many, or by a newer word, is denied; beside it a danger is still told."""

import pytest

from app.incidents.report import Family
from tests.harness.incidents import POLICY

HOSTILE, CLOSURE, POSITIVE = Family.HOSTILE, Family.CLOSURE, Family.POSITIVE


def denies(text: str, family: Family) -> bool:
    assert POLICY.denying is not None
    return POLICY.denying.denies(text, family)


@pytest.mark.parametrize(
    ("said", "family"),
    [
        ("Le gouverneur dément toutes embuscades sur la route de Bla", HOSTILE),
        ("L'armée dément la présence de mines", HOSTILE),
        ("The army denies any ambushes", HOSTILE),
        ("The mayor denies reports of abductions", HOSTILE),
        ("Aucune embuscade signalée à Konna", HOSTILE),
        ("Il n'y a pas d'engin explosif sur la route", HOSTILE),
        ("No checkpoints at Bla", CLOSURE),
        ("Le syndicat dément toute grève", CLOSURE),
        ("Le préfet dément l'embargo", CLOSURE),
        ("Authorities deny closures of the border", CLOSURE),
        ("Aucun sabotage à Sofara", HOSTILE),
        ("Aucune attaque à Fana. La situation est calme.", HOSTILE),
        ("Calme à Fana, aucun barrage", CLOSURE),
        ("No attack has taken place at Fana", HOSTILE),
        ("Fausse rumeur : le blocus n'a pas pris fin", POSITIVE),
    ],
)
def test_it_is_a_denial(said: str, family: Family) -> None:
    assert denies(said, family)


@pytest.mark.parametrize(
    ("said", "family"),
    [
        ("Embuscades à Konna, l'armée dément tout bilan", HOSTILE),
        ("Le gouverneur dément la levée de l'embargo", CLOSURE),
        ("Aucune attaque, mais un engin explosif à Boni", HOSTILE),
        ("No ambush at Bla, clashes at Yangasso", HOSTILE),
        ("L'armée dément toute attaque ; un pont dynamité à Sofara", HOSTILE),
        ("Aucune mine n'a été enlevée à Boni", HOSTILE),
        ("Pas de grève cette semaine mais des barrages à Kati", CLOSURE),
        ("Le syndicat dément la fin de la grève", CLOSURE),
        # "aucun" beside a danger, by whatever word that is told
        ("Attaque à Diéma, aucune explosion", HOSTILE),
        ("Camions brûlés à Fana, aucun otage", HOSTILE),
        ("Ils tirent sur les cars à Fana, il n'y a pas de barrage", HOSTILE),
        ("Hommes en moto à Konna, pas de barrage", HOSTILE),
        ("Un car immobilisé à Diéma, aucune bombe", HOSTILE),
        ("Le pont est tombé à Sofara, pas de sabotage", HOSTILE),
        ("Drivers led away at Bla, no clashes", HOSTILE),
        ("Chauffeur emmené à Bla : aucun affrontement", HOSTILE),
        ("Ils ont retenu le chauffeur. Aucune explosion.", HOSTILE),
        ("JNIM fighters stop buses at Bla. No shooting.", HOSTILE),
        ("Convoi visé à Diéma ; aucun incident ailleurs", HOSTILE),
        ("Aucun otage", HOSTILE),
        ("No hostages at Bla", HOSTILE),
        # somebody denies, and what happened stands beside it
        ("L'armée dément une embuscade à Boni, un camion a sauté", HOSTILE),
        ("L'armée dément les raids ; 20 chauffeurs pris", HOSTILE),
        ("L'armée dément l'attaque revendiquée par le JNIM", HOSTILE),
        ("The army denies a raid on Bla, JNIM claims it", HOSTILE),
        ("The army denies an ambush that left 20 soldiers missing", HOSTILE),
        ("Rumeurs d'attaque à Boni : l'armée dément, fumée visible", HOSTILE),
    ],
)
def test_a_danger_is_told_all_the_same(said: str, family: Family) -> None:
    assert not denies(said, family)
