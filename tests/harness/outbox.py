"""Contacts, subscriptions and alerts for tests of delivery, as rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from app.alerts.alert import AlertFacts, Certainty
from app.alerts.codec import facts_to_json
from app.core.ids import new_id
from app.core.levels import Level
from app.db.engine import Database
from app.db.tables import (
    AlertRow,
    AlertTargetRow,
    ContactChannelRow,
    ContactRow,
    DeliveryRow,
    HoursRow,
    MessageRow,
    MuteRow,
    OrganisationRow,
    SubscriptionCargoRow,
    SubscriptionChannelRow,
    SubscriptionRow,
    SubscriptionTargetRow,
)
from app.delivery.moment import MomentPolicy, Tell
from app.delivery.outbox.fanning import fan_out_step
from app.subscribers.store.organisations import NAME
from app.subscribers.vault import Vault, new_keys

NOW = datetime(2025, 9, 6, 8, 0, tzinfo=UTC)
ROUTE = "ML-DKR-N"
ORGANISATION = "00000000-0000-7000-8000-000000000001"


def _facts(route: str, cargo: str, level: Level, before: Level) -> AlertFacts:
    return AlertFacts(
        route=route,
        route_title=route,
        ends=("Bamako", "Dakar"),
        stretch=None,
        road=None,
        place=None,
        area=False,
        kind=None,
        cargo=cargo,
        level=level,
        before=before,
        certainty=Certainty.UNCONFIRMED,
        occurred_at=None,
        date_precision="day",
        reported_at=None,
    )


@dataclass
class Outbox:
    """A database with what delivery needs in it, and short words for tests."""

    db: Database
    vault: Vault = field(default_factory=lambda: Vault.parse(new_keys()))
    made: int = 0

    def __post_init__(self) -> None:
        self._insert(
            OrganisationRow,
            {
                "id": ORGANISATION,
                "name_sealed": self.vault.seal("Union", row_id=ORGANISATION, field=NAME),
                "kind": "union",
                "country": "ML",
                "language": "fr",
                "created_at": NOW,
            },
        )

    def contact(
        self,
        *,
        phone: str | None = None,
        email: str | None = None,
        language: str = "fr",
        routes: Sequence[str] = (ROUTE,),
        cargoes: Sequence[str] = ("fuel",),
        min_level: Level = Level.HIGH,
        hours_id: str | None = None,
        tell: Tell | None = None,
    ) -> str:
        """Add a contact, subscribed to `routes` unless that is empty; return its id."""
        self.made += 1
        contact_id = new_id(NOW + timedelta(milliseconds=self.made))
        addresses = {"sms": phone or f"+2237000{self.made:04d}"} if not email or phone else {}
        if email:
            addresses["email"] = email
        self._insert(
            ContactRow,
            {
                "id": contact_id,
                "organisation_id": ORGANISATION,
                "name_sealed": b"",
                "language": language,
                "created_at": NOW,
                "hours_id": hours_id,
            },
        )
        for channel, address in addresses.items():
            self._insert(
                ContactChannelRow,
                {
                    "contact_id": contact_id,
                    "channel": channel,
                    "organisation_id": ORGANISATION,
                    "address_sealed": self.vault.seal(address, row_id=contact_id, field=channel),
                    "blind_index": f"{address}-{self.made}",
                    "masked": "***",
                    "status": "active",
                    "changed_at": NOW,
                },
            )
        if routes:
            self._subscribe(contact_id, routes, cargoes, min_level, list(addresses), tell=tell)
        return contact_id

    def _subscribe(
        self,
        contact_id: str,
        routes: Sequence[str],
        cargoes: Sequence[str],
        min_level: Level,
        channels: Sequence[str],
        *,
        tell: Tell | None,
    ) -> None:
        subscription_id = new_id(NOW)
        self._insert(
            SubscriptionRow,
            {
                "id": subscription_id,
                "organisation_id": ORGANISATION,
                "contact_id": contact_id,
                "min_level": min_level.value,
                "min_rank": min_level.rank,
                "wanted": {},
                "created_at": NOW,
                "tell": tell,
            },
        )
        key = {"subscription_id": subscription_id}
        self._insert(SubscriptionTargetRow, *[key | {"target": f"route:{r}"} for r in routes])
        self._insert(SubscriptionCargoRow, *[key | {"cargo": cargo} for cargo in cargoes])
        self._insert(SubscriptionChannelRow, *[key | {"channel": name} for name in channels])

    def hours(self, zone: str = "", quiet_from: str = "", quiet_until: str = "") -> str:
        """Add a clock that contacts may have; return its id."""
        hours_id = new_id(NOW)
        self._insert(
            HoursRow,
            {
                "id": hours_id,
                "zone": zone,
                "quiet_from": quiet_from,
                "quiet_until": quiet_until,
            },
        )
        return hours_id

    def mute(
        self, *, until: datetime, route: str | None = None, organisation: str = ORGANISATION
    ) -> str:
        """Let an organisation want no news of a route, or of any; return the mute's id."""
        mute_id = new_id(NOW)
        self._insert(
            MuteRow,
            {
                "id": mute_id,
                "organisation_id": organisation,
                "route": route,
                "reason": "test",
                "created_by": "test",
                "created_at": NOW,
                "until": until,
            },
        )
        return mute_id

    def alert(
        self,
        *,
        route: str = ROUTE,
        cargo: str = "fuel",
        level: Level = Level.SEVERE,
        before: Level = Level.UNKNOWN,
        kind: str = "alert",
        audience: str = "subscribers_and_told",
        status: str = "active",
        bundle: str | None = None,
        rank: int = 0,
        answers: str | None = None,
        reason: str = "first",
        expires_at: datetime = NOW + timedelta(hours=24),
    ) -> str:
        """Add an alert with its texts; it supersedes the one it `answers`. Return its id."""
        alert_id = new_id(NOW)
        chain, references = alert_id, []
        if answers:
            told = self.one(select(AlertRow.chain_id, AlertRow.references), AlertRow.id == answers)
            chain, references = told.chain_id, [*told.references, answers]
            self.run(update(AlertRow).where(AlertRow.id == answers).values(status="superseded"))
        values = {
            "id": alert_id,
            "bundle_id": bundle or alert_id,
            "bundle_rank": rank,
            "chain_id": chain,
            "type": kind,
            "status": status,
            "route": route,
            "cargo": cargo,
            "level": level.value,
            "level_rank": level.rank,
            "before_level": before.value,
            "certainty": "unconfirmed",
            "audience": audience,
            "stretch": None,
            "references": references,
            "reason": reason,
            "facts": facts_to_json(_facts(route, cargo, level, before)),
            "evidence": {},
            "rule_set": 1,
            "created_by": "test",
            "created_at": NOW,
            "expires_at": expires_at,
        }
        self._insert(AlertRow, values)
        self._insert(AlertTargetRow, {"alert_id": alert_id, "target": f"route:{route}"})
        texts = [
            {
                "alert_id": alert_id,
                "channel": channel,
                "language": language,
                "subject": f"{kind} {level}" if channel == "email" else None,
                "text": f"{kind} {level} {cargo} {route} ({language})",
                "html": f"<p>{kind} {level}</p>" if channel == "email" else None,
                "segments": 1,
            }
            for channel in ("sms", "email")
            for language in ("fr", "en")
        ]
        self._insert(MessageRow, *texts)
        return alert_id

    def end(self, alert_id: str, *, kind: str = "withdrawal") -> str:
        """Add the end of what `alert_id` said, for those who were told."""
        told = self.one(select(AlertRow.route, AlertRow.cargo), AlertRow.id == alert_id)
        return self.alert(
            route=told.route,
            cargo=told.cargo,
            level=Level.UNKNOWN,
            before=Level.SEVERE,
            kind=kind,
            audience="told_only",
            answers=alert_id,
        )

    def fan_out(
        self,
        bundle_id: str,
        *,
        chunk: int = 10_000,
        now: datetime = NOW,
        policy: MomentPolicy | None = None,
    ) -> int:
        """Fan a bundle out to its end; return how many deliveries were made."""
        made, after = 0, None
        while True:
            start = after
            step = self.db.write_now(
                lambda conn, start=start: fan_out_step(  # type: ignore[misc]
                    conn,
                    bundle_id,
                    languages=["fr", "en"],
                    after=start,
                    chunk=chunk,
                    now=now,
                    policy=policy,
                )
            )
            made += step.inserted
            if step.next_after is None:
                return made
            after = step.next_after

    def deliveries(self, alert_id: str) -> dict[tuple[str, str], str]:
        """Return the status of each (contact, channel) of an alert."""
        query = select(DeliveryRow.contact_id, DeliveryRow.channel, DeliveryRow.status)
        rows = self.db.read_now(
            lambda conn: conn.execute(query.where(DeliveryRow.alert_id == alert_id)).all()
        )
        return {(row.contact_id, row.channel): row.status for row in rows}

    def told(self, alert_id: str) -> set[str]:
        """Return the contacts that an alert has deliveries for."""
        return {contact for contact, _ in self.deliveries(alert_id)}

    def set_delivery(self, alert_id: str, **values: Any) -> None:
        """Change every delivery of an alert."""
        self.run(update(DeliveryRow).where(DeliveryRow.alert_id == alert_id).values(**values))

    def run(self, statement: Any) -> None:
        self.db.write_now(lambda conn: conn.execute(statement))

    def one(self, query: Any, *where: Any) -> Any:
        return self.db.read_now(lambda conn: conn.execute(query.where(*where)).one())

    def _insert(self, table: Any, *rows: dict[str, Any]) -> None:
        if rows:
            self.db.write_now(lambda conn: conn.execute(insert(table), list(rows)))
