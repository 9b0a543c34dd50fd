"""A file of the past is played: forecasts as they would have been made, and what came."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from app.config import Config
from app.core.levels import Level
from app.core.text import rfc3339
from app.flows.past.past_incidents import PastIncidents
from app.flows.rules import tune_rules
from app.incidents.pastfile import PastFile, read_past
from app.risk.backtest import Backtest, Plan, backtest, figures
from app.risk.checking import InvalidRulesError, compile_rules
from app.risk.past import Version
from app.risk.playing import instant_of
from app.risk.rulebook import RuleBook
from app.roads.gazetteer import Gazetteer

#: What the forecasts file has in each row.
COLUMNS = ("at", "section", "cargo", "chance", "level")
_BY_RANK = {level.rank: level.value for level in Level}


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRead:
    """A file as it was read: incidents by the time they were known, and what to say of it."""

    file: PastFile
    versions: Sequence[Version]
    incidents: int
    unplaced: int

    def remarks(self) -> Iterator[str]:
        """Yield a sentence for each thing that had to be guessed or left out."""
        for bad in self.file.bad:
            yield f"line {bad.line} left out: {bad.reason}"
        if self.unplaced:
            yield f"{self.unplaced} rows left out: their place is not known"
        if self.file.no_report_time:
            yield (
                f"{self.file.no_report_time} rows say not when they were reported: taken as known "
                "when their day (UTC) was over"
            )
        if self.file.one_each:
            yield (
                "each row is taken as an event of its own: the file names another event in each, "
                "or comes from one source (--join-reports joins them)"
            )
        if strange := self.file.strange_kinds:
            named = ", ".join(repr(kind) for kind, _ in strange.most_common(5))
            yield (
                f"{strange.total()} rows of kinds that are not configured ({named}): taken as "
                f"{self.file.generic_kind!r}"
            )

    def figures(self) -> dict[str, Any]:
        """Return the counts, ready for JSON."""
        return {
            "rows": len(self.file.rows),
            "bad_rows": len(self.file.bad),
            "unplaced": self.unplaced,
            "claims": sum(row.is_claim for row in self.file.rows),
            "incidents": self.incidents,
            "without_report_time": self.file.no_report_time,
            "of_unknown_kind": self.file.strange_kinds.total(),
        }


def read_incidents(lines: Iterable[str], *, config: Config, each_an_event: bool | None) -> PastRead:
    """Return what a CSV of reports or events says happened, and when that was known.

    Raises:
        ValueError: It has no header that could be one of reports.
    """
    file = read_past(lines, kinds=config.kinds)
    held = PastIncidents(config=config, gazetteer=Gazetteer(config.network))
    held.take(file.rows, each_an_event=each_an_event)
    return PastRead(
        file=file,
        versions=held.versions,
        incidents=len({version.incident.id for version in held.versions}),
        unplaced=len(held.unplaced),
    )


def book_of(tables: Sequence[Mapping[str, Any]], config: Config) -> RuleBook:
    """Return the rules, checked as if they were to go live, with the policy of `config`.

    Raises:
        InvalidRulesError: What is wrong, rule by rule.
    """
    rules, problems = tune_rules.check(tables, config)
    if problems:
        raise InvalidRulesError(problems)
    return compile_rules(
        0,
        rules,
        families={kind.code: kind.family for kind in config.kinds},
        cargoes=config.cargoes.codes,
        policy=config.risk,
    )


def run(read: PastRead, plan: Plan, *, book: RuleBook, config: Config) -> Backtest:
    """Return the forecasts of the plan and what came."""
    return backtest(read.versions, plan, network=config.network, kinds=config.kinds, book=book)


def report(result: Backtest, read: PastRead, *, config: Config) -> dict[str, Any]:
    """Return everything there is to say, ready for JSON."""
    said = figures(result, network=config.network, tell_from=config.alerts.tell_from)
    return {"data": read.figures(), **said, "coefficients": config.risk.provenance}


def write_forecasts(result: Backtest, file: TextIO) -> int:
    """Write each forecast as a row; return how many.

    `chance` is the statistics' chance of any serious incident on the section, whatever the cargo;
    `level` is what the service would have shown for the cargo, floors included.
    """
    out = csv.writer(file, lineterminator="\n")
    out.writerow(COLUMNS)
    for row, at in enumerate(result.steps):
        when = rfc3339(instant_of(at))
        for number, section_id in enumerate(result.section_ids):
            chance = f"{result.chance[row, number]:.6f}"
            ranks = result.played.ranks[row, number]
            out.writerows(
                (when, section_id, cargo, chance, _BY_RANK[int(rank)])
                for cargo, rank in zip(result.played.cargoes, ranks, strict=True)
            )
    return result.chance.size * len(result.played.cargoes)
