"""What an alert rests on, kept so that it can be made again to the same bytes, and made again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.records import StoredAlert
from app.flows.context import Context
from app.flows.rating import rule_books
from app.flows.rating.route_news import RouteNews
from app.flows.wire import reasons_out
from app.incidents import store as incident_store
from app.incidents.codec import to_bytes
from app.incidents.incident import Incident
from app.incidents.store import Known
from app.risk import store as risk_store
from app.risk.beyond import NOTHING, Beyond
from app.risk.codec import decode_state, encode_state
from app.risk.evidence import SectionEvidence, gather
from app.risk.rate import rate
from app.risk.rating import Rating, SectionCargoState
from app.risk.weighing import Exposed

#: Beside the reasons: everything that the rating was worked out from.
RATED = "rated"
#: Farther than any rule reaches, km: which incidents were left behind is kept by name.
_FAR_KM = 200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """An alert and what made it.

    Attributes:
        rules: Tables of the rules that spoke, as they stood in its rule set.
        incidents: Every incident that the rating was worked out from, as it was held then.
        again: The evidence worked out anew; None: made by hand, before this was kept, or of a
            section that is no more.
        same: Whether `again` is what was kept, byte for byte; None with `again`.
    """

    alert: StoredAlert
    rules: tuple[Mapping[str, Any], ...]
    incidents: tuple[Incident, ...]
    again: Mapping[str, Any] | None
    same: bool | None


def evidence_out(news: RouteNews) -> dict[str, Any]:
    """Return what an alert keeps of its rating: the reasons, and all that they were made from.

    Incidents by id and version, those that had left the section, the rating before (hysteresis)
    and the instant; with the number of the rule set that is enough to work it out again.
    """
    return _kept(news.worst, news.evidence, news.held, afresh=news.afresh)


def why(conn: Connection, alert_id: str, *, context: Context) -> Why:
    """Return what made an alert, worked out once more from what it kept.

    Raises:
        AlertNotFoundError: There is no such alert.
    """
    alert = alert_store.get_alert(conn, alert_id)
    gone = alert.evidence.get("section") not in context.config.network.sections
    if alert.rule_set is None or RATED not in alert.evidence or gone:
        return Why(alert=alert, rules=(), incidents=(), again=None, same=None)
    kept = alert.evidence[RATED]
    known = incident_store.versions_of(conn, kept["incidents"])
    again = _again(conn, alert, known, context=context)
    spoke = {one["rule"] for one in alert.evidence["contributions"]}
    tables = risk_store.get_rule_set(conn, alert.rule_set).rules
    return Why(
        alert=alert,
        rules=tuple(table for table in tables if table["id"] in spoke),
        incidents=tuple(one.incident for one in known),
        again=again,
        same=to_bytes(again) == to_bytes(alert.evidence),
    )


def _again(
    conn: Connection, alert: StoredAlert, known: list[Known], *, context: Context
) -> dict[str, Any]:
    """Rate the section of an alert anew from what was known to it."""
    kept, network = alert.evidence[RATED], context.config.network
    section = network.sections[alert.evidence["section"]]
    book = rule_books.book_of(conn, alert.rule_set or 0, context)
    left = set(kept["left"])
    exposed = [
        Exposed(
            incident=one.incident,
            distance_km=network.reach_any(one.incident.spots, _FAR_KM).get(section.id, _FAR_KM),
            known_at=one.known_at,
            live=one.incident.id not in left,
        )
        for one in known
    ]
    evidence = gather(section, exposed, book, beyond=_beyond(kept.get("beyond")))
    held = _held(kept["held"])
    rating = rate(
        evidence,
        alert.cargo,
        now=datetime.fromisoformat(kept["at"]),
        before=held,
        explain=True,
        afresh=kept["afresh"],
    )
    return _kept(rating, evidence, held, afresh=kept["afresh"])


def _kept(
    rating: Rating, evidence: SectionEvidence, held: SectionCargoState | None, *, afresh: bool
) -> dict[str, Any]:
    items = [item.exposed for item in evidence.items]
    return {
        **reasons_out(rating),
        RATED: {
            "at": rating.at.isoformat(),
            "level": rating.level.value,
            "raw_level": rating.raw_level.value,
            "since": rating.since.isoformat(),
            "held": None
            if held is None
            else {**encode_state(held), "rated_at": held.rated_at.isoformat()},
            "afresh": afresh,
            "incidents": {one.incident.id: one.incident.version for one in items},
            "left": sorted(one.incident.id for one in items if not one.live),
            **(
                {"beyond": risk_store.encode_beyond(evidence.beyond)}
                if evidence.beyond.count
                else {}
            ),
        },
    }


def _beyond(facts: Any) -> Beyond:
    """Return what was left out; alerts of before it was kept looked at everything they had.

    For a time a plain sum was kept, which no rule had weighed: a list, of which nothing is made.
    """
    return risk_store.decode_beyond(facts) if isinstance(facts, dict) else NOTHING


def _held(facts: Mapping[str, Any] | None) -> SectionCargoState | None:
    if facts is None:
        return None
    return decode_state(facts, rated_at=datetime.fromisoformat(facts["rated_at"]))
