"""Alerts on disk, one by one; what is written is never rewritten."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from app.alerts.alert import AlertType, Audience, Certainty, Message, Reason
from app.alerts.codec import facts_from_json, facts_to_json
from app.alerts.records import (
    TRIAL,
    AlertFilter,
    AlertNotFoundError,
    AlertNotHeldError,
    NewAlert,
    StoredAlert,
)
from app.alerts.store.chain_memory import STRETCH_SEPARATOR
from app.alerts.store.chains import drop_held, supersede
from app.alerts.store.episodes import episodes_of
from app.core.ids import new_id
from app.core.levels import Level
from app.db.tables import AlertIncidentRow, AlertRow, AlertTargetRow, DeliveryRow, MessageRow
from app.db.wake import call_workers

#: Ids in one statement: below the limit of bound parameters of either database.
_AT_ONCE = 500


def add_alerts(conn: Connection, alerts: Sequence[NewAlert], *, now: datetime) -> list[str]:
    """Store `alerts` with their targets and incidents; return their ids in the same order.

    What is said takes the place of the chain's active alert, and of whatever was still held for
    the same route and cargo. A held alert takes the place of held ones only. An alert that is
    superseded or ended before it was fanned out is fanned out all the same, or an update for
    "those who were told" would reach nobody.
    """
    if not alerts:
        return []
    ids = [new_id(now) for _ in alerts]
    real = [new for new in alerts if not new.facts.exercise]
    drop_held(conn, {(new.facts.route, new.facts.cargo) for new in real}, now=now)
    episodes = episodes_of(conn, ids, alerts)
    told_chains = {new.decision.chain_id for new in alerts if not new.decision.hold}
    supersede(conn, {chain for chain in told_chains if chain is not None})
    rows = zip(ids, alerts, episodes, strict=True)
    conn.execute(insert(AlertRow), [_row(*row, now) for row in rows])
    pairs = list(zip(ids, alerts, strict=True))
    targets = [
        {"alert_id": i, "target": target} for i, new in pairs for target in sorted(new.targets)
    ]
    if targets:
        conn.execute(insert(AlertTargetRow), targets)
    incidents = [
        {"alert_id": i, "incident_id": incident}
        for i, new in pairs
        for incident in sorted(new.incident_ids)
    ]
    if incidents:
        conn.execute(insert(AlertIncidentRow), incidents)
    call_workers(conn)
    return ids


def release(conn: Connection, alert_id: str, *, now: datetime) -> StoredAlert:
    """Let a held alert be told; it takes the place of what its chain said last.

    Raises:
        AlertNotFoundError: No such alert.
        AlertNotHeldError: It is not held, or was released, overtaken or out of time already.
    """
    alert = get_alert(conn, alert_id)
    if alert.status == "held" and alert.expires_at > now:
        supersede(conn, [alert.chain_id])
        released = conn.execute(
            update(AlertRow)
            .where(AlertRow.id == alert_id, AlertRow.status == "held")
            .values(status="active")
        )
        if released.rowcount == 1:
            call_workers(conn)
            return get_alert(conn, alert_id)
    raise AlertNotHeldError(f"The alert is {alert.status}, not held, or its time is over.")


def list_held_with(conn: Connection, alert_id: str, *, now: datetime) -> list[StoredAlert]:
    """Return the other alerts of the same cause that wait for release, the worst first.

    Of one road their texts name each other's cargoes.
    """
    cause = select(AlertRow.bundle_id).where(AlertRow.id == alert_id).scalar_subquery()
    query = (
        select(AlertRow)
        .where(
            AlertRow.bundle_id == cause,
            AlertRow.id != alert_id,
            AlertRow.status == "held",
            AlertRow.expires_at > now,
        )
        .order_by(AlertRow.bundle_rank, AlertRow.id)
    )
    return [_stored(row) for row in conn.execute(query)]


def get_alert(conn: Connection, alert_id: str) -> StoredAlert:
    """Return one alert.

    Raises:
        AlertNotFoundError: No such alert.
    """
    row = conn.execute(select(AlertRow).where(AlertRow.id == alert_id)).one_or_none()
    if row is None:
        raise AlertNotFoundError(f"There is no alert {alert_id!r}.")
    return _stored(row)


def list_before(conn: Connection, alerts: Collection[StoredAlert]) -> dict[str, list[StoredAlert]]:
    """Return what was said before each alert in its chain, by its id, the last first."""
    ids = sorted({one for alert in alerts for one in alert.references})
    found: dict[str, StoredAlert] = {}
    for start in range(0, len(ids), _AT_ONCE):
        query = select(AlertRow).where(AlertRow.id.in_(ids[start : start + _AT_ONCE]))
        found |= {row.id: _stored(row) for row in conn.execute(query)}
    return {
        alert.id: [found[one] for one in reversed(alert.references) if one in found]
        for alert in alerts
    }


def list_alerts(
    conn: Connection, wanted: AlertFilter, *, after: str | None, limit: int
) -> list[StoredAlert]:
    """Return at most `limit` alerts, newest first, older than the id `after`.

    Alerts hold no personal data: every subscriber may read all of them.
    """
    query = _filtered(select(AlertRow), wanted).order_by(AlertRow.id.desc()).limit(limit)
    if after is not None:
        query = query.where(AlertRow.id < after)
    return [_stored(row) for row in conn.execute(query)]


def list_told_since(
    conn: Connection, since: datetime, *, targets: Collection[str], limit: int
) -> list[tuple[StoredAlert, frozenset[str]]]:
    """Return the real alerts since then with what of `targets` they concern, oldest first.

    Those that concern none of them are among the rest of a chain: they have none. Held ones were
    told to nobody.
    """
    query = (
        select(AlertRow)
        .where(
            AlertRow.created_at >= since,
            AlertRow.status != "held",
            AlertRow.facts["exercise"].as_boolean().is_(False),
        )
        .order_by(AlertRow.id)
        .limit(limit)
    )
    words: dict[str, set[str]] = {}
    concerned = (
        select(AlertTargetRow.alert_id, AlertTargetRow.target)
        .join(AlertRow, AlertRow.id == AlertTargetRow.alert_id)
        .where(AlertRow.created_at >= since, AlertTargetRow.target.in_(sorted(targets)))
    )
    for alert_id, target in conn.execute(concerned):
        words.setdefault(alert_id, set()).add(target)
    return [(_stored(row), frozenset(words.get(row.id, ()))) for row in conn.execute(query)]


def is_trial_of_others(conn: Connection, alert: StoredAlert, organisation_id: str) -> bool:
    """Tell whether an alert is a test message to somebody of another organisation."""
    if alert.route != TRIAL:
        return False
    sent = select(AlertRow.id).where(AlertRow.id == alert.id, _sent_to(organisation_id))
    return conn.scalar(sent) is None


def count_by_type(conn: Connection) -> dict[str, int]:
    """Return how many alerts of each type were ever made."""
    rows = conn.execute(select(AlertRow.type, func.count().label("n")).group_by(AlertRow.type))
    return {row.type: row.n for row in rows}


def alerts_of_incident(conn: Connection, incident_id: str) -> list[StoredAlert]:
    """Return every alert that speaks of an incident, oldest first, whatever its status."""
    query = (
        select(AlertRow)
        .join(AlertIncidentRow, AlertIncidentRow.alert_id == AlertRow.id)
        .where(AlertIncidentRow.incident_id == incident_id)
        .order_by(AlertRow.id)
    )
    return [_stored(row) for row in conn.execute(query)]


def told_among(conn: Connection, incident_ids: Collection[str]) -> set[str]:
    """Return those of some incidents that an alert which was not held back speaks of."""
    query = (
        select(AlertIncidentRow.incident_id)
        .join(AlertRow, AlertRow.id == AlertIncidentRow.alert_id)
        .where(AlertIncidentRow.incident_id.in_(sorted(incident_ids)), AlertRow.status != "held")
        .distinct()
    )
    return set(conn.scalars(query))


def last_of_chain(conn: Connection, alert_id: str) -> StoredAlert:
    """Return what was said last in the chain of an alert; that itself where nothing was."""
    query = (
        select(AlertRow)
        .where(AlertRow.chain_id == get_alert(conn, alert_id).chain_id, AlertRow.status != "held")
        .order_by(AlertRow.id.desc())
        .limit(1)
    )
    found = conn.execute(query).one_or_none()
    return _stored(found) if found is not None else get_alert(conn, alert_id)


def incidents_of(conn: Connection, alert_id: str) -> list[str]:
    """Return the ids of the incidents an alert speaks of."""
    query = (
        select(AlertIncidentRow.incident_id)
        .where(AlertIncidentRow.alert_id == alert_id)
        .order_by(AlertIncidentRow.incident_id)
    )
    return list(conn.scalars(query))


def all_incidents(conn: Connection) -> dict[str, tuple[str, ...]]:
    """Return the ids of the incidents each alert speaks of: of a database that holds one story."""
    found: dict[str, tuple[str, ...]] = {}
    query = select(AlertIncidentRow.alert_id, AlertIncidentRow.incident_id)
    for alert_id, incident_id in conn.execute(query.order_by(AlertIncidentRow.incident_id)):
        found[alert_id] = (*found.get(alert_id, ()), incident_id)
    return found


def speak_also_of(conn: Connection, *, told_of: str, also: str) -> None:
    """Let every alert that speaks of one incident speak of another, too: merged, or split off."""
    speaks = select(AlertIncidentRow.alert_id).where(AlertIncidentRow.incident_id == also)
    conn.execute(
        insert(AlertIncidentRow).from_select(
            ["alert_id", "incident_id"],
            select(AlertIncidentRow.alert_id, literal(also)).where(
                AlertIncidentRow.incident_id == told_of, AlertIncidentRow.alert_id.not_in(speaks)
            ),
        )
    )


def messages_of(conn: Connection, alert_id: str) -> list[Message]:
    """Return the texts of an alert that were rendered so far, by channel and language."""
    query = (
        select(MessageRow)
        .where(MessageRow.alert_id == alert_id)
        .order_by(MessageRow.channel, MessageRow.language)
    )
    return [
        Message(
            channel=row.channel,
            language=row.language,
            subject=row.subject,
            text=row.text,
            html=row.html,
            segments=row.segments,
        )
        for row in conn.execute(query)
    ]


def _row(alert_id: str, new: NewAlert, episode_id: str, now: datetime) -> dict[str, Any]:
    decision, facts = new.decision, new.facts
    if decision.type is None:
        raise ValueError(f"nothing is to be said: {decision.reason}")
    return {
        "id": alert_id,
        "bundle_id": new.bundle_id or alert_id,
        "bundle_rank": new.bundle_rank,
        "chain_id": decision.chain_id or alert_id,
        "episode_id": episode_id,
        "type": decision.type.value,
        "status": "held" if decision.hold else "active",
        "route": facts.route,
        "cargo": facts.cargo,
        "level": decision.level.value,
        "level_rank": decision.level.rank,
        "before_level": facts.before.value,
        "certainty": decision.certainty.value,
        "audience": decision.audience.value,
        "stretch": STRETCH_SEPARATOR.join(facts.stretch) if facts.stretch else None,
        "references": list(decision.references),
        "reason": decision.reason.value,
        "facts": facts_to_json(facts),
        "evidence": dict(new.evidence),
        "rule_set": new.rule_set,
        "created_by": new.created_by,
        "created_at": now,
        "expires_at": decision.expires_at,
    }


def _stored(row: Row[Any]) -> StoredAlert:
    return StoredAlert(
        id=row.id,
        bundle_id=row.bundle_id,
        chain_id=row.chain_id,
        type=AlertType(row.type),
        status=row.status,
        route=row.route,
        cargo=row.cargo,
        level=Level(row.level),
        before=Level(row.before_level),
        certainty=Certainty(row.certainty),
        audience=Audience(row.audience),
        references=tuple(row.references),
        reason=Reason(row.reason),
        facts=facts_from_json(row.facts),
        evidence=row.evidence,
        rule_set=row.rule_set,
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        acknowledged_at=row.acknowledged_at,
        fanned_out_at=row.fanned_out_at,
    )


def _filtered(query: Select[Any], wanted: AlertFilter) -> Select[Any]:
    conditions = {
        AlertRow.route: wanted.route,
        AlertRow.cargo: wanted.cargo,
        AlertRow.type: wanted.type,
        AlertRow.status: wanted.status,
        AlertRow.chain_id: wanted.chain_id,
    }
    query = query.where(*(column == value for column, value in conditions.items() if value))
    if wanted.hide_held:
        query = query.where(AlertRow.status != "held")
    if wanted.trials_of is not None:
        query = query.where(or_(AlertRow.route != TRIAL, _sent_to(wanted.trials_of)))
    return query.where(AlertRow.created_at >= wanted.since) if wanted.since else query


def _sent_to(organisation_id: str) -> ColumnElement[bool]:
    """Return the condition that somebody of an organisation was sent the alert."""
    return exists().where(
        DeliveryRow.alert_id == AlertRow.id, DeliveryRow.organisation_id == organisation_id
    )
