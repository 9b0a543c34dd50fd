"""The rows of a file about the past become incidents, version by version, as they were known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256

from app.config import Config
from app.flows.reports.answer_danger import answered
from app.incidents.answering import Effect, answers, search_days
from app.incidents.filed import FiledReport
from app.incidents.incident import Incident, Status
from app.incidents.joining import join, open_incident
from app.incidents.matching import cell_for, cells_to_search, is_somewhere_in, match
from app.incidents.nearness import holds
from app.incidents.origins import marks_of, origin_of
from app.incidents.pastfile import PastRow
from app.incidents.reading import read_report
from app.incidents.report import Family, Report
from app.incidents.starting import start_of
from app.risk.past import Version
from app.roads.gazetteer import Gazetteer
from app.roads.locating import locate
from app.roads.places import Location, Shape, Unplaced

#: The key that a file's persons are taken to have reported with.
_KEY = "past"
#: Radius of a position in a list of events: those name towns, mostly.
_RADIUS_KM = 2.0
#: What a position may be said to be, to stand for a spot.
_SPOTS = (None, "town")
#: Days whose month or week alone is known are compared over the whole window.
_DATED = ("instant", "day")
_DAY = timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class PastIncidents:
    """What is held of the past while it is played, in the order in which it became known.

    Attributes:
        versions: Every version of every incident.
        unplaced: Rows whose place was not found, by line.
    """

    config: Config
    gazetteer: Gazetteer
    versions: list[Version] = field(default_factory=list)
    unplaced: list[int] = field(default_factory=list)
    _held: dict[str, Incident] = field(default_factory=dict)
    _cells: dict[int, list[str]] = field(default_factory=dict)

    def take(self, rows: Iterable[PastRow], *, each_an_event: bool | None) -> None:
        """Take the rows, which must come in the order they became known.

        Args:
            rows: Of a file.
            each_an_event: True: each row is an event of its own, held for certain. False: rows are
                claims; those of one event join, as the service joins reports. None: claims are the
                rows that have words or a page of their own, the others are records of events.
        """
        for row in rows:
            location = self._locate(row)
            if location is None:
                self.unplaced.append(row.line)
            elif row.is_claim if each_an_event is None else not each_an_event:
                self._join(row, location)
            else:
                self._record(row, location)

    def _locate(self, row: PastRow) -> Location | None:
        filed = row.filed
        if filed.position is not None and filed.precision in _SPOTS and not row.is_claim:
            # no label of its own without a name: what rules say of such rows is then the same
            return Location(
                shape=Shape.POINT,
                position=filed.position,
                radius_km=_RADIUS_KM,
                label=filed.place or "",
            )
        found = locate(filed.place_query(self.config.kinds), self.gazetteer)
        return None if isinstance(found, Unplaced) else found

    def _record(self, row: PastRow, location: Location) -> None:
        """Hold the event of a row: a list of events is believed as it stands."""
        report = self._read(row, location)
        opened = self._open(report, f"row-{row.line:09d}")
        self._hold(_certain(opened), known_at=report.reported_at)

    def _join(self, row: PastRow, location: Location) -> None:
        report = self._read(row, location)
        kinds, policy = self.config.kinds, self.config.incidents
        candidates = self._candidates(report)
        found = match(report, candidates, kinds=kinds, policy=policy.matching)
        known = next((one for one in candidates if one.id == found.incident_id), None)
        if known is None:
            incident = self._open(report, f"row-{row.line:09d}")
        else:
            incident = join(known, report, policy=policy, kinds=kinds)
        self._hold(incident, known_at=report.reported_at)
        self._resolve(incident, known_at=report.reported_at)

    def _open(self, report: Report, incident_id: str) -> Incident:
        config = self.config
        return open_incident(
            report, incident_id=incident_id, policy=config.incidents, kinds=config.kinds
        )

    def _read(self, row: PastRow, location: Location) -> Report:
        filed: FiledReport = row.filed
        origin = origin_of(filed, reporter=_KEY, policy=self.config.incidents.origins)
        return read_report(
            filed,
            report_id=f"row-{row.line:09d}",
            location=location,
            origin=origin,
            received_at=filed.reported_at,
            kinds=self.config.kinds,
            cargoes=self.config.cargoes,
            marks=marks_of(filed, _hashed, common=self.config.incidents.matching.common)
            if row.is_claim
            else (),
            starts_at=start_of(filed, self.config.incidents.starting, self.config.alerts.zone),
            denying=self.config.incidents.denying,
        )

    def _hold(self, incident: Incident, *, known_at: datetime) -> None:
        if incident.id not in self._held:
            self._cells.setdefault(cell_for(incident.location), []).append(incident.id)
        elif (cell := cell_for(incident.location)) != cell_for(self._held[incident.id].location):
            self._cells.setdefault(cell, []).append(incident.id)
        self._held[incident.id] = incident
        self.versions.append(Version(incident=incident, known_at=known_at))

    def _resolve(self, news: Incident, *, known_at: datetime) -> None:
        """End the dangers that good news answers."""
        kind = self.config.kinds[news.kind]
        if news.family is not Family.POSITIVE or not kind.answers:
            return
        policy = self.config.incidents.answering
        since = news.occurred_at - timedelta(days=search_days(news.kind, policy))
        dangers = [
            one
            for one in self._held.values()
            if one.kind in kind.answers
            and one.status in (Status.OPEN, Status.CONFIRMED)
            and since <= one.occurred_at <= news.occurred_at + _DAY
        ]
        kinds, network = self.config.kinds, self.config.network
        for answer in answers(news, dangers, kinds=kinds, policy=policy, network=network):
            if answer.effect in (Effect.RESOLVES, Effect.LIFTS_CARGO):
                danger = self._held[answer.incident_id]
                ended = answered(danger, answer, news, known_at=known_at)
                if ended is not None:
                    self._hold(ended, known_at=known_at)

    def _candidates(self, report: Report) -> Sequence[Incident]:
        """Return the incidents that a report may speak of, as the service's store finds them."""
        policy = self.config.incidents.matching
        families = self.config.kinds.families_near(report.kind)
        own = cell_for(report.location)
        ids = {
            one for cell in cells_to_search(report.location) for one in self._cells.get(cell, ())
        }
        if is_somewhere_in(report.location, report.family):
            ids |= {key for key, one in self._held.items() if holds(report.location, one.location)}
        found = [
            one
            for one in map(self._held.__getitem__, ids)
            if one.family in families and _is_near(report, one, self.config)
        ]
        found.sort(key=lambda one: (one.occurred_at, one.id), reverse=True)
        found.sort(key=lambda one: cell_for(one.location) != own)
        return found[: policy.limit]


def _is_near(report: Report, incident: Incident, config: Config) -> bool:
    policy = config.incidents.matching
    dated = report.date_precision in _DATED and incident.date_precision in _DATED
    days = policy.near_days if dated else policy.window_days
    return abs(incident.occurred_at - report.occurred_at) <= timedelta(days=days)


def _certain(incident: Incident) -> Incident:
    return replace(incident, credibility=1.0, certain=True, only_unknown=False)


def _hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()
