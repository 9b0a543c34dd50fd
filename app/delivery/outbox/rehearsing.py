"""What a fan-out needs, put together before the first alert waits for it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from app.delivery.moment import MomentPolicy
from app.delivery.outbox.chunks import Span
from app.delivery.outbox.fanning import make_chunk, untold_of

#: Alerts of a bundle for which it is rehearsed: a road for every cargo, and some.
_REHEARSED = 6
#: The shapes of chunks: all at once, the first of several, a later one, the last.
_SPANS = (
    Span(None, None, by_contact=False),
    Span(None, "", by_contact=False),
    Span("", None, by_contact=False),
    Span(None, "", by_contact=True),
    Span("", "", by_contact=True),
    Span("", None, by_contact=True),
)


def rehearse(
    conn: Connection,
    bundle_id: str,
    *,
    languages: Sequence[str],
    now: datetime,
    policy: MomentPolicy | None,
) -> None:
    """Put together what a fan-out of alerts like those of a bundle needs; makes nothing.

    A statement that is new to this process takes ten times as long as one that is not.
    """
    alerts = untold_of(conn, bundle_id)[:_REHEARSED]
    for count in range(1, len(alerts) + 1):
        for span in _SPANS:
            make_chunk(conn, "", alerts[:count], span, languages=languages, now=now, policy=policy)
