"""A moderator writes an alert, lets a held one go, or takes one back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.alert import AlertFacts, AlertState, AlertType, Certainty, Reason
from app.alerts.by_hand import decide_by_hand
from app.alerts.decision import AlertDecision
from app.alerts.records import NewAlert, StoredAlert
from app.alerts.titles import title_of
from app.alerts.way_lost import kept_ways
from app.audit import store as audit_store
from app.core.errors import ConflictError, InvalidError
from app.core.ids import new_id
from app.core.levels import Level
from app.flows import turns
from app.flows.alerting.facts import is_after_end
from app.flows.alerting.towns import via_of
from app.flows.context import Context
from app.risk import store as risk_store
from app.roads.network import Network
from app.subscribers.targets import targets_on

_RELEASED = "alert.released"
#: Who hears no answer sends again within this.
_AGAIN_WITHIN = timedelta(minutes=10)
#: What an alert becomes: on a road that is spoken of, an update.
_FIRST_OR_NEXT = frozenset({AlertType.ALERT, AlertType.UPDATE})
#: More entries than an alert ever has.
_TRAIL = 100


class NothingToldError(ConflictError):
    """An update, all-clear or withdrawal needs an alert that it answers."""

    code: ClassVar[str] = "nothing-told"
    title: ClassVar[str] = "Nothing was told that this could answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """What a moderator wants said.

    Attributes:
        with_cargoes: Further cargoes of which the same is said, in the same message.
        note: In their words; short, no names.
        exercise: Marked as such in every text.
    """

    type: AlertType
    route: str
    cargo: str
    level: Level
    certainty: Certainty
    note: str
    exercise: bool = False
    with_cargoes: tuple[str, ...] = ()

    @property
    def subjects(self) -> list[tuple[str, str]]:
        """The road with each cargo that is spoken of."""
        return [(self.route, one) for one in dict.fromkeys((self.cargo, *self.with_cargoes))]


def speak(
    conn: Connection, wanted: ByHand, *, actor: str, context: Context, now: datetime
) -> StoredAlert:
    """Store an alert by hand; `fan_out` turns it into messages like every other.

    Raises:
        NothingToldError: It answers an alert that nobody was sent.
        InvalidError: It gives the all-clear for a danger.
    """
    if wanted.type is AlertType.ALL_CLEAR and wanted.level.rank >= Level.HIGH.rank:
        detail = "no all-clear for a road in danger: say moderate, low or unknown"
        raise InvalidError(detail, errors=[{"pointer": "/level", "detail": detail}])
    turns.alone(conn)
    told = alert_store.told_state(conn, wanted.subjects, exercise=wanted.exercise)
    for subject in wanted.subjects:
        if wanted.type is not AlertType.ALERT and not is_open(told.get(subject)):
            raise NothingToldError(
                f"Nothing is being told of {wanted.route} for {subject[1]}; send an alert first."
            )
    return _say(conn, wanted, told, actor=actor, context=context, now=now)


def speak_once(
    conn: Connection, wanted: ByHand, *, actor: str, context: Context, now: datetime
) -> tuple[StoredAlert, bool]:
    """Do as `speak`, or return what the same key said just now in the same words; tell whether new.

    A program that heard no answer, or somebody on a poor line, sends it again: everybody would be
    told twice. Whoever means to say it again waits, or says it in other words.

    Raises:
        NothingToldError, InvalidError: As `speak`.
    """
    turns.alone(conn)
    told = alert_store.told_state(conn, wanted.subjects, exercise=wanted.exercise)
    last = [alert_store.get_alert(conn, told[one].id) for one in wanted.subjects if one in told]
    if len(last) == len(wanted.subjects) and all(
        _says(one, wanted, actor=actor, now=now) for one in last
    ):
        return last[0], False
    return speak(conn, wanted, actor=actor, context=context, now=now), True


def _says(said: StoredAlert, wanted: ByHand, *, actor: str, now: datetime) -> bool:
    """Tell whether it was said just now; what is dated later was said before the clock was set."""
    types = {wanted.type} if wanted.type is not AlertType.ALERT else _FIRST_OR_NEXT
    return (
        said.created_by == f"key:{actor}"
        and abs(now - said.created_at) <= _AGAIN_WITHIN
        and said.type in types
        and (said.level, said.certainty, said.facts.note)
        == (wanted.level, wanted.certainty, wanted.note)
    )


def withdraw(
    conn: Connection, alert_id: str, note: str, *, actor: str, context: Context, now: datetime
) -> StoredAlert:
    """Take back the chain that an alert belongs to: everybody whom it reached is told.

    They also hear how dangerous the road is held to be without it: a word taken back does not
    undo what reports say.

    Raises:
        AlertNotFoundError: There is no such alert.
        NothingToldError: Its chain is over, or it was held and told to nobody.
    """
    turns.alone(conn)
    alert = alert_store.get_alert(conn, alert_id)
    subject = (alert.route, alert.cargo)
    exercise = alert.facts.exercise
    told = alert_store.told_state(conn, [subject], exercise=exercise).get(subject)
    if told is None or told.chain_id != alert.chain_id or not is_open(told):
        raise NothingToldError("The alert's chain is over; there is nothing to withdraw.")
    wanted = ByHand(
        type=AlertType.WITHDRAWAL,
        route=alert.route,
        cargo=alert.cargo,
        level=_levels_now(conn, alert.route).get(alert.cargo, Level.UNKNOWN),
        certainty=alert.certainty,
        note=note,
        exercise=exercise,
    )
    return _say(conn, wanted, {subject: told}, actor=actor, context=context, now=now)


def release(conn: Connection, alert_id: str, *, actor: str, now: datetime) -> StoredAlert:
    """Let a held alert be told, and with it all that waits for the same reason.

    What is believed of one event is believed of every road and cargo: the texts name one another's
    cargoes, and whoever carries one that is named must hear it, too. What was let go with another
    may be asked for by itself after that: whoever goes through a list of what waits did.

    Raises:
        AlertNotFoundError: There is no such alert.
        AlertNotHeldError: It does not wait for release.
    """
    turns.alone(conn)
    if _went_with_another(conn, alert_id):
        return alert_store.get_alert(conn, alert_id)
    beside = [one.id for one in alert_store.list_held_with(conn, alert_id, now=now)]
    released = alert_store.release(conn, alert_id, now=now)
    audit_store.record(conn, _RELEASED, alert_id, actor=actor, now=now)
    for one in beside:
        alert_store.release(conn, one, now=now)
        audit_store.record(conn, _RELEASED, one, detail={"with": alert_id}, actor=actor, now=now)
    return released


def _went_with_another(conn: Connection, alert_id: str) -> bool:
    trail = audit_store.list_entries(
        conn, before=None, limit=_TRAIL, subject_type="alert", subject_id=alert_id
    )
    return any(one.action == _RELEASED and "with" in one.detail for one in trail)


def is_open(told: AlertState | None) -> bool:
    """Tell whether something is being told that could be answered."""
    return told is not None and told.type not in {AlertType.ALL_CLEAR, AlertType.WITHDRAWAL}


def _say(
    conn: Connection,
    wanted: ByHand,
    told: Mapping[tuple[str, str], AlertState],
    *,
    actor: str,
    context: Context,
    now: datetime,
) -> StoredAlert:
    """Store what is said of each cargo, in one bundle: whoever has several gets one message."""
    decisions = {
        cargo: decide_by_hand(
            wanted.type,
            told.get((route, cargo)),
            level=wanted.level,
            certainty=wanted.certainty,
            policy=context.config.alerts,
            now=now,
        )
        for route, cargo in wanted.subjects
    }
    before = _levels_now(conn, wanted.route)
    bundle_id = new_id(now) if len(decisions) > 1 else None
    network = context.config.network
    targets = targets_on(wanted.route, network.corridors[wanted.route].section_ids, network)
    new = [
        NewAlert(
            decision=decision,
            facts=_facts(
                replace(wanted, cargo=cargo, with_cargoes=_alike(cargo, decisions)),
                told.get((wanted.route, cargo)),
                before=before.get(cargo, Level.UNKNOWN),
                network=network,
                now=now,
            ),
            targets=targets,
            incident_ids=frozenset(),
            created_by=f"key:{actor}",
            evidence={"by": f"key:{actor}", "note": wanted.note},
            bundle_id=bundle_id,
            bundle_rank=rank,
        )
        for rank, (cargo, decision) in enumerate(decisions.items())
    ]
    ids = alert_store.add_alerts(conn, new, now=now)
    detail = {"type": wanted.type.value, "level": wanted.level.value, "note": wanted.note}
    for alert_id in ids:
        audit_store.record(conn, "alert.written", alert_id, detail=detail, actor=actor, now=now)
    return alert_store.get_alert(conn, ids[0])


def _alike(cargo: str, decisions: Mapping[str, AlertDecision]) -> tuple[str, ...]:
    """Return the other cargoes of which the same kind of thing is said."""
    own = decisions[cargo].type
    return tuple(one for one, other in decisions.items() if one != cargo and other.type is own)


def _facts(
    wanted: ByHand, told: AlertState | None, *, before: Level, network: Network, now: datetime
) -> AlertFacts:
    corridor, ways = network.corridors[wanted.route], told.ways if told is not None else ()
    return AlertFacts(
        route=wanted.route,
        route_title=title_of(corridor.title),
        ends=(corridor.stops[0].name, corridor.stops[-1].name),
        via=via_of(wanted.route, network),
        stretch=None,
        road=None,
        place=None,
        area=False,
        kind=None,
        cargo=wanted.cargo,
        level=wanted.level,
        before=told.level if told is not None else before,
        certainty=wanted.certainty,
        occurred_at=None,
        date_precision="day",
        reported_at=now,
        note=wanted.note,
        exercise=wanted.exercise,
        reason=Reason.BY_HAND,
        told_at=_told_at(told) if told is not None else None,
        told_kind=told.kind if told is not None else None,
        with_cargoes=wanted.with_cargoes,
        after_end=is_after_end(told, now),
        **kept_ways(ways),
    )


def _told_at(told: AlertState) -> datetime | None:
    """Return when the road was spoken of last: that another one was lost is no word of it."""
    return told.news_at if told.reason is Reason.WAY_LOST else told.created_at


def _levels_now(conn: Connection, route: str) -> dict[str, Level]:
    """Return how dangerous a road is held to be, by cargo."""
    states = risk_store.route_states(conn, [route])
    return {cargo: state.level for (code, cargo), state in states.items() if code == route}
