"""A provider refuses our account: nothing more goes there, and a person is told."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.delivery.outbox import notices, standings

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shouting:
    """Who is told, and for how long the provider is left alone.

    Attributes:
        duty: Channels on which somebody is told.
        remind: After so long a refusal is told again.
        pause: Rest of a provider that named no time.
    """

    duty: Sequence[str] = ()
    remind: timedelta = timedelta(minutes=10)
    pause: timedelta = timedelta(minutes=1)


def stop(
    conn: Connection,
    provider: str,
    *,
    code: str,
    detail: str,
    until: datetime | None = None,
    shouting: Shouting,
    now: datetime,
) -> None:
    """Stop the provider for every worker, and have somebody told: only a person can mend it."""
    until = until or now + shouting.pause
    _log.error(
        "provider.refuses_account",
        extra={"provider": provider, "code": code, "detail": detail, "rests_until": str(until)},
    )
    standings.refuse(conn, provider, code=code, detail=detail, until=until, now=now)
    notices.note(
        conn,
        kind=notices.PROVIDER,
        about=f"provider:{provider}",
        words=f"{provider} {code}",
        number=1,
        channels=shouting.duty,
        remind=shouting.remind,
        now=now,
    )
