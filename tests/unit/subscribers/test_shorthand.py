"""What people write for short is read as the words in full."""

import pytest

from app.subscribers.understood import Action
from tests.harness.understanding import read


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("slt ns sommes bien arrivés a Kayes sans pb", "salut bien arrivés a Kayes sans problème"),
        ("barrage ds la zone de Diema dps hier", "barrage dans la zone de Diema depuis hier"),
        ("route Kayes Bamako pr 2m1", "route Kayes Bamako pour demain"),
        ("merci bcp", "merci beaucoup"),
        ("2 cit. brulees a Diema", "2 citernes brulees a Diema"),
        ("veh ONG braqué a Gossi", "véhicule ONG braqué a Gossi"),
        ("citernes brulees axe kaye-diema", "citernes brulees axe Kayes-Diéma"),
    ],
)  # fmt: skip
def test_a_message_in_shorthand_is_read_as_in_full(short: str, full: str) -> None:
    reading, meant = read(short), read(full)

    assert (reading.action, reading.kind, reading.places) == (
        meant.action,
        meant.kind,
        meant.places,
    )


def test_thanks_in_shorthand_are_thanks() -> None:
    assert read("Merci bcp").action is Action.ACKNOWLEDGE


@pytest.mark.parametrize(
    ("heard", "full"),
    [
        ("on a enlever 2 chauffeurs a Koumantou", "on a enlevé 2 chauffeurs a Koumantou"),
        ("ils on bloquer la route a Fana", "ils ont bloqué la route a Fana"),
        ("le pont de Kassaro est casser", "le pont de Kassaro est cassé"),
        ("2 citernes on ete intercepter a Niena", "2 citernes ont été interceptées a Niena"),
    ],
)  # fmt: skip
def test_a_participle_written_by_ear_is_read_as_one(heard: str, full: str) -> None:
    reading, meant = read(heard), read(full)

    assert meant.action is Action.REPORT
    assert meant.kind is not None
    assert (reading.action, reading.kind, reading.places) == (
        meant.action,
        meant.kind,
        meant.places,
    )


@pytest.mark.parametrize("said", ["3 colis a enlever a Kayes", "ils vont bloquer la route a Fana"])
def test_what_is_yet_to_be_done_is_not_read_as_done(said: str) -> None:
    reading = read(said)

    assert not (reading.action is Action.REPORT and reading.kind and not reading.missing)


@pytest.mark.parametrize(
    ("said", "kind", "place"),
    [
        ("mini bus brulé Kignan pas de mort", "vehicle_attack", "Kignan"),
        ("taxi brousse mitraillé Kébila 2 mort", "vehicle_attack", "Kébila"),
        ("ambuscade sur un convoi a Mpessoba", "convoy_ambush", "Mpessoba"),
        ("plus dessence a Gao", "fuel_shortage", "Gao"),
        ("esansi mobili 5 jenina Loulouni", "fuel_interception", "Loulouni"),
        ("barage des hommes arme a la sorti de Fana", "roadblock", "Fana"),
    ],
)
def test_what_drivers_write_for_it_is_taken_at_once(said: str, kind: str, place: str) -> None:
    """ "Mini" was looked for as a village, "sorti" as another place than Fana."""
    reading = read(said)

    assert (reading.action, reading.kind, reading.places) == (Action.REPORT, kind, (place,))
    assert reading.missing is None
    assert not reading.choices
