"""/v1/contacts/{id}/hours: when a contact sleeps, on his own clock."""

from typing import Annotated

from pydantic import Field, model_validator
from sqlalchemy import Connection

from app.flows.people import own_affairs
from app.http.deps import NowDep, StateDep, SubscriberDep
from app.http.model import ApiModel
from app.http.routing import api_router
from app.subscribers.store import hours as store
from app.subscribers.store.hours import KeptHours

router = api_router("/contacts", tag="contacts")

QuarterHour = Annotated[
    str,
    Field(pattern=r"^([01]\d|2[0-3]):(00|15|30|45)$", description="Local time, to the quarter."),
]


class HoursFields(ApiModel):
    """When a contact is told nothing but what is urgent.

    Urgent is a danger that has become `severe`, and the all-clear, withdrawal or correction of what
    he was told. The rest is told in one message when the quiet hours end, if it is still true.
    """

    zone: Annotated[str, Field(max_length=40)] | None = Field(
        default=None, description="IANA name, such as Africa/Niamey; null: that of the service."
    )
    quiet_from: QuarterHour | None = None
    quiet_until: QuarterHour | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> "HoursFields":
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise ValueError("Quiet hours have a beginning and an end: give both, or neither.")
        return self


@router.get("/{contact_id}/hours")
async def get_hours(contact_id: str, caller: SubscriberDep, state: StateDep) -> HoursFields:
    """Tell when a contact sleeps."""

    def work(conn: Connection) -> KeptHours:
        own_affairs.organisation_seen(conn, contact_id, caller)
        return store.get_hours(conn, contact_id)

    return _shown(await state.db.read(work))


@router.put("/{contact_id}/hours")
async def set_hours(
    contact_id: str, body: HoursFields, caller: SubscriberDep, state: StateDep, now: NowDep
) -> HoursFields:
    """Set when a contact sleeps; all null: he hears at any hour."""
    if body.zone is not None:
        own_affairs.check_zone(body.zone)
    hours = KeptHours(
        zone=body.zone or "",
        quiet_from=body.quiet_from or "",
        quiet_until=body.quiet_until or "",
    )

    return _shown(
        await state.db.write(
            lambda conn: own_affairs.set_hours(conn, contact_id, hours, insider=caller, now=now)
        )
    )


def _shown(hours: KeptHours) -> HoursFields:
    return HoursFields(
        zone=hours.zone or None,
        quiet_from=hours.quiet_from or None,
        quiet_until=hours.quiet_until or None,
    )
