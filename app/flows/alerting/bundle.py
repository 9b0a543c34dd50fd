"""What is said of one change, stored as one bundle: the worst first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.alert import ENDS, AlertState, Reason
from app.alerts.decision import AlertDecision
from app.alerts.records import NewAlert
from app.alerts.way_lost import may_be_named
from app.config import Config
from app.core.ids import new_id
from app.core.levels import Level
from app.flows.alerting.alert_evidence import evidence_out
from app.flows.alerting.alternatives import Alternatives
from app.flows.alerting.facts import facts_of
from app.flows.alerting.lost_ways import LostWay
from app.flows.alerting.statements import Background, Statement
from app.flows.context import Context
from app.flows.rating.ratings import Rated
from app.roads.network import Network
from app.roads.places import Shape
from app.subscribers.targets import targets_on


@dataclass(frozen=True, slots=True)
class Decided:
    """What is said of a route, and what was said of it last.

    Attributes:
        lost: The other road that was named, if that has become dangerous.
    """

    statement: Statement
    decision: AlertDecision
    told: AlertState | None
    lost: LostWay | None = None

    @property
    def subject(self) -> tuple[str, str]:
        """Return the route and cargo."""
        return self.statement.news.route, self.statement.news.cargo


def store(
    conn: Connection,
    decided: Sequence[Decided],
    rated: Mapping[str, Rated],
    background: Background,
    *,
    actor: str,
    context: Context,
    now: datetime,
) -> dict[tuple[str, str], str]:
    """Store what is said; return the alert ids by route and cargo.

    The worst comes first in the bundle; of equals what lies nearest to what happened, then the
    route listed first.
    """
    codes = {code: place for place, code in enumerate(context.config.network.corridors)}
    said = sorted(
        (one for one in decided if one.decision.type is not None),
        key=lambda one: (
            -one.statement.news.after.rank,
            _away_km(one, background, context.config.network),
            codes[one.subject[0]],
        ),
    )
    if not said:
        return {}
    alternatives = Alternatives(conn, context, now)
    bundle_id = new_id(now)
    alerts = [
        _new_alert(
            one,
            _sections_told(one, rated, context.config.network),
            background,
            alternatives=alternatives,
            bundle=(bundle_id, rank),
            beside=_beside(one, said),
            actor=actor,
            config=context.config,
            now=now,
        )
        for rank, one in enumerate(said)
    ]
    ids = alert_store.add_alerts(conn, alerts, now=now)
    return {one.subject: alert_id for one, alert_id in zip(said, ids, strict=True)}


def _away_km(one: Decided, background: Background, network: Network) -> int:
    """Return how far what is told of lies from what brought the news; 0 where that has no spot."""
    where = background.where
    if where is None or where.shape is Shape.AREA:
        return 0
    worst = one.statement.news.worst.section_id
    return round(network.distance_to_section_km(where.position, worst))


def _sections_told(one: Decided, rated: Mapping[str, Rated], network: Network) -> list[str]:
    """Return the sections that the alert is about: of the route, as bad as where it is worst."""
    news = one.statement.news
    level = news.after if news.graver is None else news.worst.level
    own = [key for key in network.corridors[news.route].section_ids if key in rated]
    alike = [key for key in own if rated[key].ratings[news.cargo].level is level]
    return alike or [news.worst.section_id]


def _on_lost(one: Decided) -> set[str]:
    """Return what is told of the other road: who hears of it hears, too, if it was not true."""
    speaks = one.lost.speaks if one.lost is not None else None
    return {speaks.id} if speaks and one.decision.type not in ENDS else set()


def _beside(one: Decided, said: Sequence[Decided]) -> dict[str, Level]:
    """Return the other cargoes of the route of which the bundle says the same kind of thing.

    Who carries several reads one message that names them all; see `fan_out_step`.
    """
    route, cargo = one.subject
    return {
        other.subject[1]: other.statement.news.after
        for other in said
        if other.subject[0] == route
        and other.subject[1] != cargo
        and other.decision.type is one.decision.type
        and (other.decision.reason is Reason.WAY_LOST) is (one.decision.reason is Reason.WAY_LOST)
        and other.decision.hold is one.decision.hold
    }


def _new_alert(
    one: Decided,
    section_ids: Sequence[str],
    background: Background,
    *,
    alternatives: Alternatives,
    bundle: tuple[str, int],
    beside: Mapping[str, Level],
    actor: str,
    config: Config,
    now: datetime,
) -> NewAlert:
    news = one.statement.news
    said = {news.cargo: news.after, **beside}
    other = alternatives.find(news.route, one.statement.change.stretch, said)
    lost = one.lost.way if one.lost is not None else None
    if other is not None and not may_be_named(other.way, one.told, lost, now):
        other = None
    return NewAlert(
        decision=one.decision,
        facts=facts_of(
            one.statement,
            one.decision,
            one.told,
            alternative=other,
            config=config,
            lost=one.lost,
            beside=beside,
            closed=alternatives.closed(news.route, news.cargo)
            if news.after.rank >= Level.HIGH.rank and one.decision.type not in ENDS
            else (),
        ),
        targets=targets_on(news.route, section_ids, config.network),
        incident_ids=one.statement.change.incident_ids
        | background.refuted
        | background.answered(news.cargo)
        | _on_lost(one),
        created_by=actor,
        rule_set=news.worst.rule_set,
        evidence=evidence_out(news),
        bundle_id=bundle[0],
        bundle_rank=bundle[1],
    )
