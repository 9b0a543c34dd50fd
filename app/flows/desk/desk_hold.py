"""Who works on what at the desk, so that two people do not call the same driver."""

from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import Connection

from app.core.errors import ConflictError
from app.incidents import store as incident_store
from app.incidents.store import Hold

#: Somebody who does nothing for so long has gone to make tea, or home.
HELD_FOR = timedelta(minutes=10)


class HeldByOtherError(ConflictError):
    """Somebody else works on this; take it over first."""

    code: ClassVar[str] = "held-by-other"
    title: ClassVar[str] = "Somebody else works on this"


class ShownBeforeError(ConflictError):
    """It changed since it was shown: look again, then decide."""

    code: ClassVar[str] = "shown-before"
    title: ClassVar[str] = "It changed since it was shown"


def take(
    conn: Connection, subject: str, *, holder: str, key_id: str, over: bool, now: datetime
) -> Hold:
    """Let somebody work on `subject` for some minutes more.

    Raises:
        HeldByOtherError: Somebody else does, and it is not taken over.
    """
    hold = incident_store.take_hold(
        conn, subject, holder=holder, key_id=key_id, over=over, until=now + HELD_FOR, now=now
    )
    if hold is None or hold.holder != holder:
        raise HeldByOtherError("Somebody else works on this; take it over first.")
    return hold


def must_be_as_shown(conn: Connection, incident_id: str, version: int) -> None:
    """Refuse to decide on something else than what was looked at.

    Raises:
        ShownBeforeError: The incident has another version by now.
    """
    held = incident_store.get_incident(conn, incident_id).version
    if held != version:
        raise ShownBeforeError(
            f"The incident is at version {held}, not {version}: read it again, then decide."
        )
