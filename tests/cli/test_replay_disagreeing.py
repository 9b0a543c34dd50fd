"""Papers that name the place and the group otherwise, and attacks that lie close together."""

import csv
from collections import defaultdict

from tests.harness.command import Command, a_file

HEADER = (
    "report_id,reported_at,occurred_on,kind,place,region,actor,target,cargo,vehicles,abducted,"
    "fatalities,summary,source_name,source_type"
)
#: The letter before the number says which event a report is of.
ROWS = """\
A1,2025-11-10,2025-11-09,fuel_interception,Koumantou,,JNIM,,carburant,12,,,Douze citernes incendiées dimanche,Sikasso Infos,local news
A2,2025-11-10,2025-11-09,fuel_interception,between Koumantou and Niena,,GSIM,,fuel,10,,3,Fuel tankers burned,Desert Wire,local news
B1,2025-11-11,2025-11-10,fuel_interception,Niéna,,JNIM,,carburant,4,,,Quatre citernes à l'arrêt visées au lendemain,Sikasso Infos,local news
B2,2025-11-12,2025-11-10,fuel_interception,Niena,,JNIM,,fuel,4,,,Four parked tankers set alight in town,Desert Wire,local news
C1,2025-11-20,2025-11-19,abduction,entre Bandiagara et Bankass,,JNIM,bus,passagers,,40,,Deux cars arrêtés,Le Delta,local news
C2,2025-11-20,2025-11-19,abduction,Bankass,Bandiagara,terroristes,autocars,,,36,,Gunmen take dozens from two coaches,Desert Wire,local news
D1,2025-11-27,2025-11-26,hostage_release,Bankass,,JNIM,,,,17,,Dix-sept femmes enlevées des cars sont libérées,Le Delta,local news
E1,2025-12-03,2025-12-02,fuel_interception,Zégoua,,JNIM,,carburant,25,,,Citernes brûlées à la sortie,Sikasso Infos,local news
E2,2025-12-03,2025-12-02,fuel_interception,Zegoua,Sikasso,JNIM,,fuel,20,,,Convoy hit just north of the border post,Desert Wire,local news
F1,2025-12-04,2025-12-03,fuel_interception,Loulouni,,JNIM,,carburant,8,,5,Huit citernes rescapées attaquées mercredi,Sikasso Infos,local news
G1,2026-01-21,2026-01-20,fuel_interception,entre Labbezanga et Ansongo,,EIGS,fuel_convoy,carburant,30,,,Un convoi de carburant venu du Niger attaqué,Gao Hebdo,local news
G2,2026-01-21,2026-01-20,convoy_ambush,Fafa,Ansongo / Gao,Islamic State Sahel,fuel_convoy,fuel,,,11,Ambush on Niger fuel convoy,Desert Wire,local news
"""  # noqa: E501 - one report a line


def test_papers_that_disagree_tell_of_one_event_and_neighbouring_events_stay_apart(
    sira: Command,
) -> None:
    file = a_file(sira.folder / "papers.csv", f"{HEADER}\n{ROWS}")
    out = sira.folder / "assignments.csv"

    sira.ok("replay", file, "--assignments", out)

    found = defaultdict(set)
    with out.open(newline="") as lines:
        for row in csv.DictReader(lines):
            found[row["incident_id"]].add(row["report_id"])
    events = {frozenset(reports) for reports in found.values()}
    assert events == {
        frozenset({"A1", "A2"}),
        frozenset({"B1", "B2"}),
        frozenset({"C1", "C2"}),
        frozenset({"D1"}),
        frozenset({"E1", "E2"}),
        frozenset({"F1"}),
        frozenset({"G1", "G2"}),
    }
