"""The sums of sections' long pasts: evidence is read by its newest part alone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPast:
    """What happened on a section before a cut, as sums.

    Attributes:
        made_for: The rules and the policy that weighed it, see `RuleBook.weighs_as`.
        cut: When the oldest incident happened that is looked at, and its id.
        older: Incidents before the cut; `holding`: ids of those among them that are looked at, too.
    """

    section_id: str
    made_for: str
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
            made_for=row.made_for,
            cut=(row.cut_at, row.cut_id),
            older=row.older,
            holding=tuple(row.holding),
            beyond=decode_beyond(row.beyond),
        )
        for row in rows
    }


def keep_pasts(conn: Connection, known: Sequence[SectionEvidence]) -> None:
    """Keep what was left out of sections, where it is another than what is stored."""
    long = {one.section.id: one for one in known if one.beyond.count and one.items}
    if not long:
        return
    before = find_pasts(conn, long)
    rows = [
        _row(new)
        for section_id, evidence in sorted(long.items())
        if (new := _past_of(conn, evidence)) != before.get(section_id)
    ]
    if not rows:
        return
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


def decode_beyond(facts: Mapping[str, Any]) -> Beyond:
    """Return what was left out, from what `encode_beyond` made of it."""
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
    )


def _past_of(conn: Connection, evidence: SectionEvidence) -> SectionPast:
    section_id, items = evidence.section.id, evidence.items
    newest = items[-evidence.book.policy.most_incidents :]
    conn.execute(_DATE, {"id": section_id})  # what processes wrote that know of no dates here
    return SectionPast(
        section_id=section_id,
        made_for=evidence.book.weighs_as,
        cut=newest[0].key,
        older=count_reaching(conn, section_id) - len(newest),
        holding=tuple(item.id for item in items[: -len(newest)]),
        beyond=evidence.beyond,
    )


def _row(past: SectionPast) -> dict[str, Any]:
    return {
        "section_id": past.section_id,
        "made_for": past.made_for,
        "cut_at": past.cut[0],
        "cut_id": past.cut[1],
        "older": past.older,
        "holding": list(past.holding),
        "beyond": encode_beyond(past.beyond),
    }
