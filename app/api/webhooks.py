"""/v1/contacts/{id}/webhook: a new secret for it, and an event to try it.

The URL itself is an address of the contact, as a phone is: it is set with the contact.
"""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Path
from pydantic import Field
from sqlalchemy import Connection

from app.audit import store as audit
from app.flows.people.own_affairs import organisation_seen
from app.flows.people.try_contact import try_contact
from app.http.deps import NowDep, StateDep, SubscriberDep
from app.http.model import ApiModel, NotTruth
from app.http.routing import api_router
from app.subscribers.contact import ContactChannel
from app.subscribers.store import webhooks as store

router = api_router("/contacts", tag="webhooks")

#: A program is not woken by it; whoever mends one tries again soon.
AGAIN_AFTER = timedelta(seconds=5)

ContactId = Annotated[str, Path(max_length=64)]


class RotateIn(ApiModel):
    """How a secret is replaced."""

    overlap_hours: Annotated[
        int,
        Field(
            ge=0,
            le=24 * 14,
            description="The former secret signs, too, for so long; 0 after it became known.",
        ),
        NotTruth,
    ] = 24


class RotatedOut(ApiModel):
    """The new secret."""

    secret: str = Field(description="Shown this once.")
    former_until: datetime = Field(description="Until then events carry both signatures.")


class TriedOut(ApiModel):
    """What was put on its way."""

    alert_id: str = Field(
        description="`GET /v1/alerts/{alert_id}/deliveries` tells what became of it."
    )


@router.post("/{contact_id}/webhook/rotate")
async def rotate_secret(
    contact_id: ContactId, body: RotateIn, caller: SubscriberDep, state: StateDep, now: NowDep
) -> RotatedOut:
    """Give the webhook of a contact a new secret; both sign for a while.

    The secret before the last one signs no more, whatever was left of its time.
    """

    def work(conn: Connection) -> RotatedOut:
        organisation_id = organisation_seen(conn, contact_id, caller)
        overlap = timedelta(hours=body.overlap_hours)
        endpoint = store.rotate_secret(
            conn, contact_id, vault=state.vault, overlap=overlap, now=now
        )
        audit.record(
            conn,
            actor=caller.key_id,
            action="contact.webhook_rotated",
            subject_id=contact_id,
            organisation_id=organisation_id,
            now=now,
        )
        return RotatedOut(secret=endpoint.secret, former_until=now + overlap)

    return await state.db.write(work)


@router.post("/{contact_id}/webhook/test", status_code=202)
async def send_test_event(
    contact_id: ContactId, caller: SubscriberDep, state: StateDep, now: NowDep
) -> TriedOut:
    """Send a test event to the webhook of a contact: through the outbox, signed as all are.

    Every five seconds at most.
    """

    def work(conn: Connection) -> str:
        return try_contact(
            conn,
            contact_id,
            insider=caller,
            context=state.context,
            now=now,
            only={ContactChannel.WEBHOOK},
            again_after=AGAIN_AFTER,
        )

    alert_id = await state.db.write(work)
    state.wake()
    return TriedOut(alert_id=alert_id)
