"""An organisation says who of it is told next while nobody answers."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from app.audit import store as audit
from app.core.errors import InvalidError
from app.flows.context import Context
from app.subscribers.store import call_lists
from app.subscribers.store.call_lists import CallStep
from app.subscribers.store.organisations import get_organisation


def set_call_list(
    conn: Connection,
    organisation_id: str,
    steps: Sequence[CallStep],
    *,
    actor: str,
    context: Context,
    now: datetime,
) -> list[CallStep]:
    """Put a list in the place of the one there was; an empty one: nobody is told next.

    It holds for what is told from now on, and for what is being escalated.

    Raises:
        NotFoundError: There is no such organisation.
        InvalidError: Somebody on it is no contact of the organisation, or stands there twice.
    """
    get_organisation(conn, organisation_id, vault=context.vault)
    _refuse_wrong(conn, organisation_id, steps)
    call_lists.set_list(conn, organisation_id, steps, now=now)
    audit.record(
        conn,
        actor=actor,
        action="organisation.call_list_changed",
        subject_id=organisation_id,
        organisation_id=organisation_id,
        detail={"steps": [list(step.contact_ids) for step in steps]},
        now=now,
    )
    return call_lists.get_list(conn, organisation_id)


def _refuse_wrong(conn: Connection, organisation_id: str, steps: Sequence[CallStep]) -> None:
    named = [
        (f"/steps/{place}/contact_ids/{number}", contact_id)
        for place, step in enumerate(steps)
        for number, contact_id in enumerate(step.contact_ids)
    ]
    strange = call_lists.strangers(conn, organisation_id, [one for _, one in named])
    errors, seen = [], set()
    for pointer, contact_id in named:
        if contact_id in strange:
            detail = "The organisation has no contact with this id."
            errors.append({"pointer": pointer, "detail": detail})
        elif contact_id in seen:
            detail = "This contact stands on the list twice: nobody is told the same thing twice."
            errors.append({"pointer": pointer, "detail": detail})
        seen.add(contact_id)
    if errors:
        raise InvalidError(errors[0]["detail"], errors=errors)
