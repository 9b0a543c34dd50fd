"""Which earlier message an alert answers: one that spoke of the same incident. Pure."""

from collections.abc import Collection
from datetime import datetime

from app.alerts.alert import AlertState, News, Reason

#: What was told as unconfirmed gets its word.
_OF_A_DOUBT = (Reason.CONFIRMED, Reason.NOT_CONFIRMED)
#: What was told was false.
_OF_A_MISTAKE = (Reason.CORRECTED, Reason.REFUTED)


def answered_by(
    reason: Reason,
    told: AlertState,
    *,
    speaks: str | None,
    refuted: Collection[str] = (),
    over_told_at: datetime | None = None,
) -> News:
    """Return the message that is answered: when it was made, and the kind of what it spoke of.

    A road has several dangers: to say that "the alert of the 10th" was false where the one of the
    9th was takes back what still holds. So it is the last news of the very incident, and the last
    of the chain where the whole danger is meant or it never spoke of the incident by itself.

    Args:
        reason: Why something is said now.
        told: What was told of the road before.
        speaks: The incident that is spoken of now.
        refuted: What was false.
        over_told_at: When it was told by mistake that this was false or over.
    """
    last = News(at=told.news_at or told.created_at, kind=told.news_kind)
    if reason is Reason.NOT_OVER and over_told_at is not None:
        return News(at=over_told_at, kind=told.news_kind)
    if reason in _OF_A_MISTAKE:
        spoken = {**told.of_ways, **told.mentions}
        false = [spoken[one] for one in refuted if one in spoken]
        return max(false, key=lambda one: one.at, default=last)
    if reason in _OF_A_DOUBT:
        doubted = told.mentions.get(speaks or "")
        return doubted or News(at=told.doubt_at or last.at, kind=last.kind)
    return last
