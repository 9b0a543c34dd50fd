"""What a fan-out and a claim need, put together before the first alert waits for it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from app.delivery.moment import MomentPolicy
from app.delivery.outbox import digests
from app.delivery.outbox.among import as_given
from app.delivery.outbox.chunks import Span, matching_at
from app.delivery.outbox.claiming import what_sending_needs
from app.delivery.outbox.fanning import make_chunk, untold_of
from app.subscribers.countries import Countries

#: The shapes of chunks that somebody waits for: all at once; the first of several, and the last.
#: Each takes 1.3 MB for good.
_SPANS = (
    Span(None, None, by_contact=False),
    Span(None, "", by_contact=False),
    Span("", None, by_contact=False),
    Span(None, "", by_contact=True),
)


def rehearse(
    conn: Connection,
    bundle_id: str,
    *,
    languages: Sequence[str],
    now: datetime,
    policy: MomentPolicy | None,
    countries: Countries,
) -> None:
    """Put together what telling alerts like those of a bundle needs; makes nothing.

    A statement that is new to this process takes ten times as long as one that is not.
    """
    alerts = untold_of(conn, bundle_id)
    matching_at(conn, bundle_id, None, 1)
    for span in _SPANS:
        make_chunk(
            conn,
            "",
            alerts,
            span,
            languages=languages,
            now=now,
            policy=policy,
            countries=countries,
        )
    nobody = {"b_ids": as_given(conn, [])}
    of_alerts, of_contacts = what_sending_needs(conn.dialect.name)
    conn.execute(of_alerts, nobody)
    conn.execute(of_contacts, nobody | {"b_channel": ""})
    digests.find_message(conn, "", channel="", language="")
