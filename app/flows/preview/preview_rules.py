"""What a changed rule set would have made of the last days, beside what the one in force makes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import Connection

from app.config import load_config
from app.core.errors import InvalidError
from app.core.levels import Level
from app.db.engine import Database
from app.flows.context import Context
from app.flows.preview.bill_run import Bill, bills_of
from app.flows.preview.compare_runs import Turn, hours_at, turns_of
from app.flows.preview.judge_run import Judging, Quality
from app.flows.preview.past_evidence import past_of
from app.flows.preview.rerun import Raised, rerun
from app.flows.upkeep.apart import TookTooLongError, in_processes
from app.flows.wire import instant
from app.incidents import store as incident_store
from app.incidents.incident import Incident
from app.risk.rules import parse_rules
from app.roads.gazetteer import Gazetteer
from app.subscribers.store import listeners as listener_store
from app.subscribers.vault import Vault, new_keys

Tables = Sequence[Mapping[str, Any]]


class PreviewTooLongError(InvalidError):
    """The days asked for hold more than can be played in the time allowed. Ask for fewer."""

    code: ClassVar[str] = "preview-too-long"
    title: ClassVar[str] = "The preview took too long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one rule set made of the window.

    Attributes:
        hours: That each (route, cargo) spent at each level.
        bills: By organisation.
        incidents: Those spoken of, as an admin may see them.
    """

    alerts: tuple[Raised, ...]
    turns: tuple[Turn, ...]
    hours: Mapping[tuple[str, str], Mapping[Level, float]]
    quality: Quality
    bills: Mapping[str, Bill]
    incidents: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The window by two rule sets: the one in force, and the one that was asked about."""

    since: datetime
    until: datetime
    before: Outcome
    after: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    database_url: str
    config_dir: Path
    rules: tuple[Mapping[str, Any], ...]
    since: datetime
    until: datetime


def preview(
    db: Database,
    config_dir: Path,
    *,
    before: Tables,
    after: Tables,
    since: datetime,
    until: datetime,
    within: timedelta,
) -> Preview:
    """Play the window by two rule sets, in two processes that only read the database.

    The two see the same evidence, in the order in which it was learnt, and the subscribers of
    today; what is played is not what was sent, but what each set would have sent. A change that is
    published gives on replay exactly what its preview said: it is the same code.

    Args:
        db: The live database; what it holds is read once by each process.
        config_dir: Of everything but the rules.
        before: The rules in force.
        after: The changed ones; checked.
        since: The window begins.
        until: The window ends.
        within: After this it is given up.

    Raises:
        PreviewTooLongError: It was.
    """
    url = db.url.render_as_string(hide_password=False)
    works = [
        _Work(
            database_url=url,
            config_dir=config_dir.resolve(),
            rules=tuple(dict(one) for one in tables),
            since=since,
            until=until,
        )
        for tables in (before, after)
    ]
    try:
        ours, theirs = in_processes(_outcome, works, within=within)
    except TookTooLongError:
        seconds = round(within.total_seconds())
        raise PreviewTooLongError(
            f"It took longer than {seconds} s and was given up; ask for fewer days.",
            errors=[{"pointer": "/days", "detail": "Ask for fewer days."}],
        ) from None
    return Preview(since=since, until=until, before=ours, after=theirs)


def _outcome(work: _Work) -> Outcome:
    """Play the window by one rule set; runs in a process of its own."""
    config = load_config(work.config_dir)
    start = work.since - config.changing.warm_up
    rules, _ = parse_rules(work.rules, cargoes=config.cargoes.codes)

    def read(conn: Connection) -> tuple[Any, Any]:
        versions = incident_store.list_all_versions(conn)
        return versions, listener_store.count_listeners(conn)

    db = Database(work.database_url, pool_size=1)
    try:
        versions, listeners = db.read_now(read)
    finally:
        db.close()
    past = past_of(versions, since=start, until=work.until, kinds=config.kinds)
    context = Context(
        config=config, gazetteer=Gazetteer(config.network), vault=Vault.parse(new_keys())
    )
    run = rerun(
        past,
        rules,
        list(listeners),
        context=context,
        start=start,
        since=work.since,
        until=work.until,
    )
    judging = Judging(
        last=past.last,
        kinds=config.kinds,
        network=config.network,
        cargoes=config.cargoes.codes,
        on_road_km=config.changing.on_road_km,
        horizon=config.changing.horizon,
        since=work.since,
        until=work.until,
    )
    turns = turns_of(run.levels, since=work.since, until=work.until)
    quality = judging.judge(run)
    spoken = {
        *(one for alert in run.alerts for one in alert.incidents),
        *(one for turn in turns for one in turn.incidents),
        *(one.incident for one in quality.misses),
    }
    return Outcome(
        alerts=run.alerts,
        turns=tuple(turns),
        hours=hours_at(run.levels, since=work.since, until=work.until),
        quality=quality,
        bills=bills_of(run, listeners, config),
        incidents={one: _shown(past.last[one]) for one in sorted(spoken) if one in past.last},
    )


def _shown(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "kind": incident.kind,
        "family": incident.family.value,
        "status": incident.status.value,
        "certain": incident.certain,
        "occurred_at": instant(incident.occurred_at),
        "place": incident.location.label,
        "reports": incident.reports,
    }
