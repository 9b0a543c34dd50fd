"""The sums of sections' long pasts: evidence is read by its newest part alone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.db.tables.incidents import ExposureRow, IncidentRow
from app.db.tables.risk import SectionPastRow
from app.risk.beyond import Beyond, Counted, Group
from app.risk.evidence import SectionEvidence

# Built once: putting a statement together costs as much as running it.
_THESE = select(SectionPastRow.__table__).where(
    SectionPastRow.section_id.in_(bindparam("ids", expanding=True))
)
_REACHING = select(func.count()).where(ExposureRow.section_id == bindparam("id"))
_DATE = (
    update(ExposureRow)
    .where(ExposureRow.section_id == bindparam("id"), ExposureRow.occurred_at.is_(None))
    .values(
        occurred_at=select(IncidentRow.occurred_at)
        .where(IncidentRow.id == ExposureRow.incident_id)
        .scalar_subquery()
    )
)
_OTHERWISE = (
    select(SectionPastRow.section_id)
    .where(
        SectionPastRow.made_for != bindparam("weighs_as"),
        SectionPastRow.section_id > bindparam("after"),
    )
    .order_by(SectionPastRow.section_id)
    .limit(1)
)
_FORGET = delete(SectionPastRow).where(SectionPastRow.section_id == bindparam("id"))
_BEFORE_CUT = (
    select(func.count())
    .select_from(ExposureRow)
    .where(
        ExposureRow.section_id == SectionPastRow.section_id,
        or_(
            ExposureRow.occurred_at < SectionPastRow.cut_at,
            and_(
                ExposureRow.occurred_at == SectionPastRow.cut_at,
                ExposureRow.incident_id < SectionPastRow.cut_id,
            ),
        ),
    )
    .scalar_subquery()
)
_COUNT_ANEW = (
    update(SectionPastRow)
    .where(
        SectionPastRow.made_for.endswith(bindparam("scale")),
        SectionPastRow.older != _BEFORE_CUT,
    )
    .values(older=_BEFORE_CUT, made_for=bindparam("nobody"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPast:
    """What happened on a section before a cut, as sums.

    Attributes:
        cut: When the oldest incident happened that is looked at, and its id.
        older: Incidents before the cut; `holding`: ids of those among them that are looked at, too.
    """

    section_id: str
    cut: tuple[datetime, str]
    older: int
    holding: tuple[str, ...]
    beyond: Beyond


def find_pasts(conn: Connection, section_ids: Collection[str]) -> dict[str, SectionPast]:
    """Return the sums of those sections that have some."""
    rows = conn.execute(_THESE, {"ids": sorted(section_ids)})
    return {
        row.section_id: SectionPast(
            section_id=row.section_id,
            cut=(row.cut_at, row.cut_id),
            older=row.older,
            holding=tuple(row.holding),
            beyond=decode_beyond(row.beyond, weighed_by=row.made_for),
        )
        for row in rows
    }


def keep_pasts(conn: Connection, known: Sequence[SectionEvidence]) -> None:
    """Keep what was left out of sections, where it is another than what is stored."""
    long = {one.section.id: one for one in known if one.beyond.count and one.items}
    if not long:
        return
    before = find_pasts(conn, long)
    for section_id in sorted(long):
        _date(conn, section_id)
    new = [past_of(conn, evidence) for _, evidence in sorted(long.items())]
    _put(conn, [one for one in new if one != before.get(one.section_id)])


def past_of(conn: Connection, evidence: SectionEvidence) -> SectionPast:
    """Return what was left out of a section in the form that is kept; something was."""
    section_id, items = evidence.section.id, evidence.items
    newest = items[-evidence.book.policy.most_incidents :]
    return SectionPast(
        section_id=section_id,
        cut=newest[0].key,
        older=count_reaching(conn, section_id) - len(newest),
        holding=tuple(item.id for item in items[: -len(newest)]),
        beyond=evidence.beyond,
    )


def next_weighed_otherwise(conn: Connection, weighs_as: str, *, after: str) -> str | None:
    """Return the first section after `after` whose sums other rules weighed, None: no more."""
    return conn.scalar(_OTHERWISE, {"weighs_as": weighs_as, "after": after})


def replace_past(conn: Connection, section_id: str, past: SectionPast | None) -> None:
    """Put sums in the place of those that are kept; None: nothing is left out any more."""
    if past is None:
        conn.execute(_FORGET, {"id": section_id})
        return
    _date(conn, section_id)
    _put(conn, [past])


def count_older_anew(conn: Connection, scale: str) -> None:
    """Let sums stand in for more incidents than are in them, until they are weighed again.

    Said after incidents have come to reach sections that they did not reach before.

    Args:
        conn: Of a transaction.
        scale: Of the sums that can stand in, see `RuleBook.scale`.
    """
    conn.execute(_COUNT_ANEW, {"scale": f":{scale}", "nobody": f":{scale}"})


def _date(conn: Connection, section_id: str) -> None:
    """Date the exposures of processes that know of no dates here."""
    conn.execute(_DATE, {"id": section_id})


def _put(conn: Connection, pasts: Sequence[SectionPast]) -> None:
    if not pasts:
        return
    rows = [_row(one) for one in pasts]
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    add = dialect.insert(SectionPastRow)
    changed = {name: add.excluded[name] for name in rows[0] if name != "section_id"}
    conn.execute(add.on_conflict_do_update(index_elements=["section_id"], set_=changed), rows)


def count_reaching(conn: Connection, section_id: str) -> int:
    """Return how many incidents reach or reached a section, from whatever time."""
    return conn.scalar(_REACHING, {"id": section_id}) or 0


def encode_beyond(beyond: Beyond) -> dict[str, Any]:
    """Return what was left out in a form that JSON takes."""
    return {
        "count": beyond.count,
        "at": beyond.at,
        "groups": [
            {"sums": [[list(cargo) for cargo in each] for each in one.sums], "eased": [*one.eased]}
            for one in beyond.groups
        ],
        "before": [list(one) for one in beyond.before],
    }


def decode_beyond(facts: Mapping[str, Any], *, weighed_by: str = "") -> Beyond:
    """Return what was left out, from what `encode_beyond` made of it, and who weighed it."""
    return Beyond(
        count=facts["count"],
        at=facts["at"],
        groups=tuple(
            Group(
                sums=tuple(tuple(map(tuple, each)) for each in one["sums"]),
                eased=tuple(one["eased"]),
            )
            for one in facts["groups"]
        ),
        before=tuple(Counted(*one) for one in facts["before"]),
        weighed_by=weighed_by,
    )


def _row(past: SectionPast) -> dict[str, Any]:
    return {
        "section_id": past.section_id,
        "made_for": past.beyond.weighed_by,
        "cut_at": past.cut[0],
        "cut_id": past.cut[1],
        "older": past.older,
        "holding": list(past.holding),
        "beyond": encode_beyond(past.beyond),
    }
