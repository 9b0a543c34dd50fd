"""What is counted over months warns nobody of today; one attack that is told does."""

import pytest

from app.incidents.tallies import is_tally
from tests.harness.incidents import a_report, an_incident


@pytest.mark.parametrize(
    "told",
    [
        "Depuis septembre 300 citernes ont été brûlées",
        "Depuis le mois de septembre, 300 citernes ont été brûlées au Mali",
        "Since September 300 tankers were burnt",
        "More than 300 fuel tankers have been destroyed since early September, says the ministry",
        "Au moins 130 camions incendiés depuis le début du blocus, selon les importateurs",
        "85 chauffeurs enlevés depuis le début de l'année",
        "120 civilians killed since the beginning of the year",
        "Plus de 200 attaques en six mois sur les routes du Sud",
        "Hundreds of trucks lost over the past three months",
        "45 enlèvements depuis janvier 2025",
        "JNIM has destroyed more than 300 tankers since September, the union says",
        "Plus de 40 citernes brûlées à Diéma depuis le début du blocus",
    ],
)
def test_a_count_over_months_is_a_tally(told: str) -> None:
    assert is_tally(told)


@pytest.mark.parametrize(
    "told",
    [
        "",
        "20 citernes brûlées à Lakamané",
        "20 citernes brûlées à Lakamané, la pire attaque depuis septembre",
        "20 tankers burnt at Lakamane in the worst attack since September",
        "Third attack since September: 20 tankers burnt",
        "Nouvelle attaque à Diéma, 300 citernes brûlées depuis septembre",
        "40 citernes brûlées hier, 300 depuis septembre",
        "40 tankers burnt near Kolokani, 300 since September",
        "Tirs nourris depuis le début de la matinée, 12 morts",
        "Aucun camion ne passe depuis septembre",
        "12 morts depuis ce matin",
        "Since Monday 15 trucks were burnt",
        "L'attaque du 14 septembre a fait 40 citernes brûlées",
        "Une attaque en deux semaines de plus, 15 morts",
        "Attaque à Diéma. Depuis septembre, 300 citernes ont été brûlées.",
        "Convoy hit near Diéma, more than 40 tankers burnt since September",
        "Convoy hit at Diéma. More than 40 tankers burnt since September.",
        "Camions-citernes incendiés à Lakamané; plus de 100 en deux mois",
        "Tankers set ablaze at Kolokani as JNIM has destroyed more than 100 since September",
        "Chauffeurs enlevés à Kayes. 12 enlèvements en deux mois",
        "Tankers burnt near Kolokani, more than 100 of them since September, says the union",
        # many who attack now, of a town that is besieged since months
        "Dozens of gunmen attack Léré besieged since November 2024",
        "Des dizaines d'hommes armés attaquent Léré sous blocus depuis novembre",
        "50 assaillants attaquent Diéma, sous blocus depuis le mois de septembre",
        "Des dizaines de morts à Diafarabé, ville encerclée depuis mai",
        "Convoy of 40 tankers waiting since September ambushed at Diema",
        "40 citernes bloquées depuis septembre à Diéma viennent de brûler",
        "Depuis septembre, le JNIM brûle 40 citernes à Diéma",
        "40 citernes brûlées à Diéma du jamais vu depuis septembre",
        "40 citernes brûlées le 14/09 à Lakamané sous embargo depuis septembre",
        "40 tankers in flames since September",
        "300 citernes brûlées depuis septembre, selon RFI attaque à Diéma",
        "300 citernes brûlées depuis septembre, annonce une attaque demain",
        # of weeks it may be the last one
        "20 chauffeurs enlevés à Sikasso en 2 semaines",
        "12 soldats tués depuis le début du mois",
    ],
)
def test_an_attack_that_is_told_is_news(told: str) -> None:
    assert not is_tally(told)


def test_it_is_hardly_a_word_for_an_attack_and_no_figure_of_one() -> None:
    report = a_report(kind="fuel_interception", summary="Since September 300 tankers were burnt")
    incident = an_incident(report, a_report(origin="other", summary=report.summary))

    assert report.vehicles is None
    assert incident.credibility < 0.05


def test_beside_an_attack_that_others_tell_it_takes_nothing_away() -> None:
    told = a_report(origin="agency", summary="20 tankers burnt at Lakamane", source_type="agency")
    counts = a_report(origin="other", summary="Since September 300 tankers were burnt")

    assert an_incident(told, counts).credibility >= an_incident(told).credibility


def test_of_a_road_that_is_closed_since_months_it_says_all_the_same_that_it_is() -> None:
    said = "Since September 300 trucks were turned back"

    assert a_report(kind="roadblock", summary=said).reliability is None
