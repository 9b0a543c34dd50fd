"""A blockade of an area, lifted in one part of it."""

from dataclasses import replace

import pytest

from app.core.levels import Level
from app.incidents.incident import Incident
from app.incidents.verdicts import lift_part
from app.risk.evidence import gather
from app.risk.rate import rate
from app.roads.geometry import Position
from app.roads.places import Location, Shape
from tests.harness.risk import BOOK, KAYES, LAKAMANE, NOW, SECTION, an_incident, near

#: On the section's road, and a town of the region that it does not touch.
DIEMA = replace(LAKAMANE, label="Diéma", position=Position(14.55, -9.19))
KITA = replace(LAKAMANE, label="Kita", position=Position(13.03, -9.49))
CERCLE = replace(KAYES, label="cercle de Diéma", area="cercle:ML/Kayes/Diema")
STRETCH = replace(LAKAMANE, shape=Shape.ROAD, section_ids=(SECTION.id,))
#: The town, with the section's road named, and with another one; and its road named farther off.
ITS_ROAD = replace(DIEMA, along=(SECTION.id,))
NEXT_ROAD = replace(DIEMA, along=("diema~nioro",))
FARTHER = replace(KITA, along=(SECTION.id,))
ELSEWHERE = replace(STRETCH, section_ids=("kita~bafoulabe",))


def lifted_in(blockade: Incident, part: Location) -> Incident:
    return lift_part(blockade, answer=an_incident("road_reopened", location=part), known_at=NOW)


def level_after(*parts: Location) -> Level:
    blockade = an_incident("blockade_threat", location=KAYES, certain=True, days_ago=2)
    for part in parts:
        blockade = lifted_in(blockade, part)
    return rate(gather(SECTION, [near(blockade)], BOOK), "fuel", now=NOW).level


@pytest.mark.parametrize(
    "part",
    [DIEMA, ITS_ROAD, CERCLE, STRETCH],
    ids=["town", "town on its road", "cercle", "stretch"],
)
def test_the_part_is_free_and_not_called_safe(part: Location) -> None:
    assert level_after() is Level.SEVERE
    assert level_after(part) is Level.UNKNOWN


@pytest.mark.parametrize(
    "part",
    [KITA, FARTHER, NEXT_ROAD, ELSEWHERE],
    ids=["town", "town farther on its road", "town on the next road", "stretch"],
)
def test_the_rest_stays_closed(part: Location) -> None:
    assert level_after(part) is Level.SEVERE


def test_a_section_that_leaves_the_part_stays_closed() -> None:
    section = replace(SECTION, areas=SECTION.areas | {"cercle:ML/Kayes/Nioro"})
    blockade = lifted_in(
        an_incident("blockade_threat", location=KAYES, certain=True, days_ago=2), CERCLE
    )

    assert rate(gather(section, [near(blockade)], BOOK), "fuel", now=NOW).level is Level.SEVERE


def test_each_part_is_freed_by_its_own_word() -> None:
    assert level_after(KITA, DIEMA) is Level.UNKNOWN
