"""A report as filed: what a caller, a form or a row of a file says, checked for meaning."""

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from app.core.text import without_turns
from app.incidents.cargo import Cargoes
from app.incidents.figures import MOST
from app.incidents.kinds import Kinds
from app.incidents.personal import leads_to_a_person, without_addresses
from app.incidents.report import Basis, Family, Range
from app.roads.geometry import Position
from app.roads.places import PlaceQuery
from app.roads.told_distance import told_distance

SUMMARY_LIMIT = 2_000
TEXT_LIMITS = {
    "external_id": 100,
    "place": 300,
    "region": 200,
    "road": 300,
    "towards": 200,
    "figures": 500,
    "cargo": 200,
    "actor": 200,
    "target": 200,
    "source_name": 200,
    "source_type": 40,
    "source_url": 2_000,
    "language": 20,
    "summary": SUMMARY_LIMIT,
}
PRECISIONS = ("instant", "day", "week", "month")
SOURCE_TYPES = (
    "reporter", "driver", "local news", "wire", "agency", "NGO", "official", "social",
)  # fmt: skip
#: Source types that are persons, who are known by their key.
PERSONS = frozenset({"reporter", "driver"})
#: Source types whose name and page may be kept; an account on social media may be a person.
OUTLETS = frozenset({"local news", "wire", "agency", "NGO", "official"})
OLDEST = timedelta(days=3653)
#: How far a time may lie after its report: clocks and zones for an instant; for the others the
#: middle of the period stands for it.
AHEAD = {
    "instant": timedelta(hours=2),
    "day": timedelta(hours=36),
    "week": timedelta(days=5),
    "month": timedelta(days=17),
}
#: What is announced for a day further off than this is a slip, or no word about a journey.
STARTS_WITHIN = timedelta(days=92)
#: Slips of the day are common in files of old reports: only far ones are faults.
_DAY_SLIP = timedelta(days=3)
#: What a person may have written into: an SMS from the road may give a number to call back, which
#: is not for the record. What names a report is not among them, nor is the address of a page, where
#: numbers are its own: it stays unless it leads to a person.
_FREE_TEXTS = (
    "place", "region", "road", "towards", "summary", "figures", "cargo", "actor", "target",
    "source_name", "language",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledReport:
    """A report as filed; what is absent is simply not known.

    Attributes:
        occurred_at: Noon UTC of the day when only the day is known.
        position: As filed, may be off by kilometres; `precision` says what it stands for ("town",
            "road segment midpoint", "area estimate", "region proxy"), or that nobody can say where
            on the road named it was (`MIDPOINT`).
        figures: Free text ("40 vs 80 of 100+").
        cargo: Free text ("fuel, goods").
        reported_at: When the source said it: the column of a file, now for the API.
        starts_at: From when it is to hold, where a closure is announced; None: what its words say.
        for_now: The kind is only the one that fits best: see `Report`.

    Its texts hold no telephone number and no e-mail address, whoever makes one: they are taken out
    before anything is read of them, looked up or kept.
    """

    kind: str
    occurred_at: datetime
    reported_at: datetime
    date_precision: str = "day"
    external_id: str | None = None
    place: str | None = None
    region: str | None = None
    road: str | None = None
    km: float | None = None
    towards: str | None = None
    position: Position | None = None
    precision: str | None = None
    summary: str = ""
    figures: str | None = None
    cargo: str | None = None
    actor: str | None = None
    target: str | None = None
    fatalities: Range | None = None
    abducted: Range | None = None
    vehicles: Range | None = None
    source_name: str | None = None
    source_type: str = "reporter"
    source_url: str | None = None
    language: str | None = None
    basis: Basis = Basis.RELAYED
    starts_at: datetime | None = None
    for_now: bool = False

    def __post_init__(self) -> None:
        """Take out of the texts what leads to a person."""
        for name in _FREE_TEXTS:
            text = getattr(self, name)
            if isinstance(text, str) and (bare := without_addresses(without_turns(text))) != text:
                object.__setattr__(self, name, bare)
        if self.source_url and leads_to_a_person(self.source_url):
            object.__setattr__(self, "source_url", None)

    def place_query(self, kinds: Kinds) -> PlaceQuery:
        """Return what the report says of its place."""
        return PlaceQuery(
            place=self.place,
            position=self.position,
            road=self.road,
            km=self.km,
            towards=self.towards,
            region=self.region,
            precision=self.precision,
            told=self.summary,
            told_distance=told_distance(self.place, self.summary),
            whole_road=kinds.is_of_whole_roads(self.kind),
        )


def as_history(filed: FiledReport) -> FiledReport:
    """Return a report of the past of which nobody knows when it was told: when it happened.

    Told today, it would be news: of something that still goes on.
    """
    return replace(filed, reported_at=min(filed.reported_at, filed.occurred_at))


def check_filed(
    filed: FiledReport,
    *,
    kinds: Kinds,
    cargoes: Cargoes,
    now: datetime,
    free_text: bool = False,
) -> list[dict[str, str]]:
    """Return `{"pointer", "detail"}` for each field at fault; empty when nothing is.

    Checks meaning, not shape: known words, times that can be, figures that can be, texts that fit.
    With `free_text`, as in files, a cargo in words that nobody knows is no fault but not known.
    """
    return [
        {"pointer": pointer, "detail": detail}
        for pointer, detail in (
            *_texts(filed),
            *_words(filed, kinds),
            *_cargo(filed, cargoes, free_text=free_text),
            *_times(filed, now),
            *_start(filed, kinds),
            *_place(filed),
            *_figures(filed),
        )
    ]


_Wrong = list[tuple[str, str]]


def pointer_of(field: str) -> str:
    """Return the JSON pointer (RFC 6901) of a field of a filed report in a request body."""
    if field.startswith("source_"):
        return "/source/" + field.removeprefix("source_")
    return {"external_id": "/report_id"}.get(field, f"/{field}")


def _texts(filed: FiledReport) -> _Wrong:
    wrong: _Wrong = []
    for field in fields(filed):
        value = getattr(filed, field.name)
        if not isinstance(value, str):
            continue
        if any(ord(c) < ord(" ") and c not in "\n\r\t" for c in value):
            wrong.append((pointer_of(field.name), "control characters such as NUL are not text"))
        if len(value) > (most := TEXT_LIMITS.get(field.name, 200)):
            wrong.append((pointer_of(field.name), f"{len(value)} characters; at most {most}"))
    return wrong


def _words(filed: FiledReport, kinds: Kinds) -> _Wrong:
    wrong: _Wrong = []
    if filed.kind not in kinds:
        near = kinds.suggest(filed.kind)
        hint = (
            f"; did you mean {', '.join(near)}?" if near else f"; one of {', '.join(kinds.by_code)}"
        )
        wrong.append(("/kind", f"unknown kind '{filed.kind[:40]}'{hint}"))
    if filed.date_precision not in PRECISIONS:
        wrong.append(("/date_precision", f"one of {', '.join(PRECISIONS)}"))
    if filed.source_type not in SOURCE_TYPES:
        wrong.append(("/source/type", f"one of {', '.join(SOURCE_TYPES)}"))
    return wrong


def _cargo(filed: FiledReport, cargoes: Cargoes, *, free_text: bool) -> _Wrong:
    if free_text or not filed.cargo or cargoes.read(filed.cargo):
        return []
    return [("/cargo", f"names none of {', '.join(cargoes.codes)}")]


def _times(filed: FiledReport, now: datetime) -> _Wrong:
    if filed.occurred_at.tzinfo is None or filed.reported_at.tzinfo is None:
        return [("/occurred_at", "an instant needs its zone, such as Z")]
    wrong: _Wrong = []
    if filed.reported_at > now + AHEAD["instant"]:
        wrong.append(("/reported_at", "lies in the future"))
    ahead = AHEAD.get(filed.date_precision, AHEAD["instant"])
    # Differences: a sum with the year 9999, as spreadsheets write "no end", is no date any more.
    since_told = filed.occurred_at - filed.reported_at
    if since_told > _DAY_SLIP + ahead or filed.occurred_at - now > ahead:
        detail = "lies in the future, or after the report itself; what is announced has `starts_at`"
        wrong.append(("/occurred_at", detail))
    elif filed.occurred_at < now - OLDEST:
        wrong.append(("/occurred_at", "lies more than 10 years back"))
    return wrong


def _start(filed: FiledReport, kinds: Kinds) -> _Wrong:
    if filed.starts_at is None:
        return []
    if filed.starts_at.tzinfo is None:
        return [("/starts_at", "an instant needs its zone, such as Z")]
    kind = kinds.find(filed.kind)
    if kind is not None and kind.family not in (Family.CLOSURE, Family.POSITIVE):
        return [("/starts_at", "only what closes or opens a road is announced for a day to come")]
    if filed.starts_at - filed.reported_at > STARTS_WITHIN:
        return [("/starts_at", f"lies more than {STARTS_WITHIN.days} days ahead")]
    return []


def _place(filed: FiledReport) -> _Wrong:
    wrong: _Wrong = []
    if filed.position is not None:
        if not -90 <= filed.position.lat <= 90:  # noqa: PLR2004 - degrees
            wrong.append(("/position/lat", "degrees, -90 to 90"))
        if not -180 <= filed.position.lon <= 180:  # noqa: PLR2004 - degrees
            wrong.append(("/position/lon", "degrees, -180 to 180"))
    if filed.km is not None:
        if not 0 <= filed.km <= 3_000:  # noqa: PLR2004 - no road of the region is longer
            wrong.append(("/km", "kilometres along the road, 0 to 3,000"))
        if not filed.road:
            wrong.append(("/km", "needs `road`"))
    if not (filed.place or filed.position or filed.road or filed.region):
        wrong.append(("/place", "say where: place, position, road (with km) or region"))
    return wrong


def _figures(filed: FiledReport) -> _Wrong:
    wrong: _Wrong = []
    for name, most in MOST.items():
        figure: Range | None = getattr(filed, name)
        if figure is None:
            continue
        if not 0 <= figure.low <= figure.high:
            wrong.append((f"/{name}", "not negative, lowest first"))
        elif figure.high > most:
            wrong.append((f"/{name}", f"{figure.high} is more than {most}: a slip?"))
    return wrong
