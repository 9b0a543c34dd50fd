"""From a report as filed, once located, to the report that is matched and kept."""

from datetime import datetime

from app.incidents.cargo import Cargoes
from app.incidents.denying import DenyWords
from app.incidents.figures import ABDUCTED, FATALITIES, VEHICLES, counted, matchable, widest
from app.incidents.filed import OUTLETS, FiledReport
from app.incidents.kinds import Kind, Kinds
from app.incidents.report import DENIED, Family, Report
from app.incidents.tallies import TALLIED, is_tally
from app.roads.places import Location

#: What may be announced: that a road will be closed, or open.
_ANNOUNCED = (Family.CLOSURE, Family.POSITIVE)


def read_report(
    filed: FiledReport,
    *,
    report_id: str,
    location: Location,
    origin: str,
    received_at: datetime,
    kinds: Kinds,
    cargoes: Cargoes,
    marks: tuple[str, ...] = (),
    known_source: bool = True,
    reliability: float | None = None,
    judged: str | None = None,
    starts_at: datetime | None = None,
    denying: DenyWords | None = None,
) -> Report:
    """Return the report that `filed` makes at `location`.

    Figures in words are counted ("80 in convoy; 20 burned"); what is said to have happened after it
    was reported is taken to have happened when it was reported. `origin` is the keyed hash of who
    it comes from, `marks` of its page and text; `known_source` is False for a reporter without a
    record; `reliability` is what was learnt of the source, if anything was; for `judged` and
    `starts_at` see `Report`: only closures and good news are announced for a day to come. What by
    the words `denying` denies what it is filed as is no word for it, and what only counts attacks
    over months hardly one.
    """
    kind = kinds[filed.kind]
    tally = kind.family is Family.HOSTILE and is_tally(filed.summary)
    said = counted(filed.figures, unitless=_unitless(filed, kind), told=filed.summary)
    if denying is not None and denying.denies(filed.summary, kind.family):
        reliability = DENIED
    elif tally:
        reliability, said = TALLIED, {}
    return Report(
        id=report_id,
        reported_at=filed.reported_at,
        received_at=received_at,
        occurred_at=min(filed.occurred_at, filed.reported_at),
        date_precision=filed.date_precision,
        kind=kind.code,
        family=kind.family,
        location=location,
        place_text=filed.place,
        road_text=filed.road,
        summary=filed.summary,
        figures=matchable(filed.figures, filed.summary),
        cargo=cargoes.read(filed.cargo),
        actor=filed.actor,
        target=filed.target,
        fatalities=widest([filed.fatalities, said.get(FATALITIES)]),
        abducted=widest([filed.abducted, said.get(ABDUCTED)]),
        vehicles=widest([filed.vehicles, said.get(VEHICLES)]),
        source_type=filed.source_type,
        basis=filed.basis,
        origin=origin,
        known_source=known_source,
        reliability=reliability,
        judged=judged,
        marks=marks,
        source_name=filed.source_name if filed.source_type in OUTLETS else None,
        source_url=filed.source_url if filed.source_type in OUTLETS else None,
        figures_text=filed.figures,
        language=filed.language,
        starts_at=starts_at if kind.family in _ANNOUNCED else None,
        for_now=filed.for_now,
    )


def _unitless(filed: FiledReport, kind: Kind) -> str | None:
    """Return what bare numbers count: the one figure that was filed, else what the kind counts."""
    given = [name for name in (VEHICLES, FATALITIES, ABDUCTED) if getattr(filed, name) is not None]
    return given[0] if len(given) == 1 else kind.counts
