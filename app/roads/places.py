"""Places and where a report says something happened."""

from dataclasses import dataclass
from enum import StrEnum

from app.roads.geometry import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A town, village, bridge or border post.

    `region` and `cercle` are bare names ("Kayes", "Nioro"); the division is that before 2023.
    """

    id: str
    name: str
    alt_names: tuple[str, ...] = ()
    country: str
    region: str | None = None
    cercle: str | None = None
    position: Position
    population: int | None = None
    feature: str | None = None


#: Positions are off by up to 12 km: nearer than this to a place, how far is not known.
_FAR_KM = 15.0
#: Who counts from a town gives its distance; below this it is near it.
_COUNTED_KM = 3.0


class Shape(StrEnum):
    """What a location is: a spot, a stretch of road, or an area."""

    POINT = "point"
    ROAD = "road"
    AREA = "area"


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where something happened, as far as the report tells.

    Attributes:
        shape: For `area`, `position` is only its anchor (the main town), not where it happened.
        radius_km: How far from `position` it may be (point: 2 for a town, 12 for a rough position;
            road: half the stretch; area: 0, use `area`).
        label: What to print: "Lakamané", "Diboli - Kayes", "région de Kayes".
        place_id: The place found, if one was.
        area: Area key (see Section.areas) when `shape` is area.
        section_ids: The sections named, when `shape` is road.
        region: Bare name, for subscriptions by region.
        aside_km: About how far it lies from the place that `label` names; 0: near it, nobody said
            how far; None: in it.
        counted: Whether `aside_km` was said ("20 km de Kayes"), not measured.
        near: Where `label` is what a report calls its position, which may be anything: the place
            that is nearest to it. `near_km`: how far that is; None: it is in it.
        along: Of a spot: the sections near it of the road that was named with it, none where that
            is a road that we do not have; None: no road was named. Of an area: those in it.
        at: Of a spot: those of `along` that it may lie on. Where no road was named, and it is told
            of a road as a whole: the sections of the only road there.
        whole: Of a stretch: it is of all of it, and not of some spot on it that nobody knows.
        towns: Of a stretch: the places that it was told by, in turn, and the number of its road, if
            one was said: by these it is measured anew when the roads change.
        how: How it was found, for the moderator: "name", "slip of one letter: Lakamne", ...
        also: Of a report that names several places: the others. Each is told of by itself.
        left_open: Of such a report: the names of which nobody knows which place they mean, and what
            to ask of each.
    """

    shape: Shape
    position: Position
    radius_km: float
    label: str
    place_id: str | None = None
    area: str | None = None
    section_ids: tuple[str, ...] = ()
    country: str | None = None
    region: str | None = None
    cercle: str | None = None
    aside_km: float | None = None
    counted: bool = False
    near: str | None = None
    near_km: float | None = None
    along: tuple[str, ...] | None = None
    at: tuple[str, ...] = ()
    whole: bool = False
    towns: tuple[str, ...] = ()
    number: str | None = None
    how: str = ""
    also: tuple["Location", ...] = ()
    left_open: tuple[tuple[str, "Unplaced"], ...] = ()

    @property
    def km_from_place(self) -> int | None:
        """How far from the place named: as said, else as positions are known, in steps of five.

        0 is near it, None in it.
        """
        if self.counted and self.aside_km is not None:
            return round(self.aside_km) if self.aside_km >= _COUNTED_KM else 0
        return _in_fives(self.aside_km)

    @property
    def told(self) -> tuple[str, int | None]:
        """What others than the desk are told it is called, and how far from there it is.

        Words of a report go to nobody: they would reach every phone as ours.
        """
        if self.near is not None:
            return self.near, _in_fives(self.near_km)
        return self.label, self.km_from_place


def _in_fives(km: float | None) -> int | None:
    if km is None:
        return None
    return 5 * round(km / 5) if km >= _FAR_KM else 0


#: The precision of a report of which nobody can say where on the road it names it was: its middle
#: stands for all of it.
MIDPOINT = "road segment midpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceQuery:
    """What a report says of its place; everything optional, as filed.

    Attributes:
        place: Free text: "Lakamane", "entre Diboli et Kayes", "Kobe (Gao-Ansongo road)".
        position: As filed; may be off by 12 km.
        road: "RN1", "RN1 Kayes-Diema (Kaniera-Lakamane)"; with `km` a point on it.
        towards: The town towards which `km` counts ("RN1 PK 340 vers Kayes").
        region: "Kayes", "Diema / Nioro (ex-Kayes)": narrows namesakes; alone it is an area.
        precision: "town", `MIDPOINT`, "area estimate", "region proxy" or None.
        told: What else the report says; it only tells namesakes apart.
        told_distance: What that says of how far the place lies from another, as a place:
            "Chamane, 38 km north of Menaka"; heeded where the name is not known.
        whole_road: Whether what is told is of a road as a whole: where on it is then not asked.
    """

    place: str | None = None
    position: Position | None = None
    road: str | None = None
    km: float | None = None
    towards: str | None = None
    region: str | None = None
    precision: str | None = None
    told: str | None = None
    told_distance: str | None = None
    whole_road: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A place that may have been meant; `score` 0..1."""

    place_id: str
    name: str
    country: str
    region: str | None
    cercle: str | None
    position: Position
    routes: tuple[str, ...]
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaced:
    """No single place was meant for certain: ask back with `candidates` (best first, at most 8).

    `road`: a road too long to be one place, along which the candidates lie.
    """

    # "unknown" | "ambiguous" | "several" (two towns, or the road between them) | "outside" (a
    # position off the configured countries)
    reason: str
    detail: str
    candidates: tuple[Candidate, ...]
    road: "LongRoad | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LongRoad:
    """A road between two places, by their ids.

    `may_be_all`: where nobody can say where on it, all of it may be warned: see
    `placing.somewhere_on`.
    """

    ends: tuple[str, str]
    label: str
    may_be_all: bool

    @property
    def somewhere(self) -> str | None:
        """What it is called, if all of it may be warned."""
        return self.label if self.may_be_all else None
