"""A route as a strip: stops, levels and incidents in their order."""

from datetime import UTC, datetime

from app.core.levels import Level
from app.flows.readers.picture import Sighting
from app.flows.readers.route_picture import Beside, Change, RoutePicture, SectionShown
from app.roads.network import Corridor, Stop
from app.web.roads.history import draw
from app.web.roads.strip import Row, strip_of

NOON = datetime(2025, 9, 8, 12, tzinfo=UTC)


def a_stop(name: str, km: float, *, main: bool = True) -> Stop:
    return Stop(place_id=name, name=name, km=km, main=main)


def a_section(start: float, end: float, level: Level) -> SectionShown:
    return SectionShown(
        start="x",
        end="y",
        part=None,
        from_km=start,
        to_km=end,
        level=level,
        score=1.0,
        reasons=(),
        contradicted=(),
    )


def an_incident(name: str, km: float | None) -> Beside:
    what = Sighting(
        id=name,
        kind="ied",
        place=name,
        area=False,
        at=NOON,
        exact=True,
        certain=False,
        sources=1,
    )
    return Beside(what=what, km=km)


def a_route(*sections: SectionShown, incidents: tuple[Beside, ...] = ()) -> RoutePicture:
    stops = (a_stop("A", 0), a_stop("b", 20, main=False), a_stop("C", 50), a_stop("D", 100))
    corridor = Corridor(
        code="X", title="A - D", road_refs="", length_km=100, stops=stops, section_ids=()
    )
    return RoutePicture(
        corridor=corridor,
        cargo="fuel",
        sections=sections,
        incidents=incidents,
        past=(),
        ways=None,
    )


def told(rows: list[Row]) -> list[str]:
    return [
        row.stop.name if row.stop else row.incident.id if row.incident else f"[{row.level}]"
        for row in rows
    ]


def test_stops_and_levels_stand_in_order() -> None:
    rows = strip_of(a_route(a_section(0, 50, Level.HIGH), a_section(50, 100, Level.LOW)))

    assert told(rows) == ["A", "[high]", "b", "C", "[low]", "D"]
    assert [row.to_km for row in rows if row.begins] == [50, 100]


def test_a_level_is_said_once_where_it_goes_on() -> None:
    rows = strip_of(a_route(a_section(0, 50, Level.HIGH), a_section(50, 100, Level.HIGH)))

    assert told(rows) == ["A", "[high]", "b", "C", "D"]
    assert rows[1].to_km == 100


def test_incidents_stand_at_their_kilometre() -> None:
    route = a_route(
        a_section(0, 50, Level.HIGH),
        a_section(50, 100, Level.LOW),
        incidents=(an_incident("i20", 20), an_incident("i99", 99.9), an_incident("i100", 100)),
    )

    assert told(strip_of(route)) == ["A", "[high]", "b", "i20", "C", "[low]", "i99", "D", "i100"]


def test_a_cut_between_stops_changes_the_level_without_one() -> None:
    rows = strip_of(a_route(a_section(0, 35, Level.HIGH), a_section(35, 100, Level.SEVERE)))

    assert told(rows) == ["A", "[high]", "b", "[severe]", "C", "D"]


def test_what_has_no_place_is_not_on_it() -> None:
    route = a_route(a_section(0, 100, Level.HIGH), incidents=(an_incident("secret", None),))

    assert "secret" not in told(strip_of(route))


def test_spells_follow_one_another_to_the_end() -> None:
    past = [
        Change(at=NOON.replace(day=1), level=Level.UNKNOWN),
        Change(at=NOON.replace(day=3), level=Level.SEVERE),
        Change(at=NOON.replace(day=5), level=Level.LOW),
    ]

    drawing = draw(past, now=NOON.replace(day=9))

    first, second, last = drawing.spells
    assert abs(first.x + first.width - second.x) < 0.2
    assert abs(last.x + last.width - drawing.right) < 0.2
    assert second.y < first.y < last.y
    assert next(level for level, _ in drawing.bands) is Level.SEVERE


def test_a_spell_of_a_minute_is_still_seen() -> None:
    past = [
        Change(at=NOON.replace(day=1), level=Level.LOW),
        Change(at=NOON.replace(day=3), level=Level.SEVERE),
        Change(at=NOON.replace(day=3, minute=1), level=Level.LOW),
    ]

    assert draw(past, now=NOON.replace(day=9)).spells[1].width > 1
