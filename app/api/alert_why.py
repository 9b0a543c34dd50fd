"""Why an alert was raised, and whether what it kept still gives it, byte for byte."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.api.rule_bodies import RuleOut, rule_out
from app.core.levels import Level
from app.flows.alerting import alert_evidence
from app.flows.wire import incident_out
from app.http.deps import ModeratorDep, StateDep
from app.http.model import ApiModel, AsKept
from app.http.routing import api_router

router = api_router("/alerts", tag="alerts")


class WhyOut(ApiModel):
    """What made an alert.

    `evidence` is what it kept when it was raised: the rating with its reasons, and the instant, the
    rating before and every incident by version that it was worked out from. `again` is the same
    worked out now from those versions by that rule set.
    """

    alert_id: str
    route: str
    cargo: str
    level: Level
    reason: str
    created_at: datetime
    rule_set: int | None
    rules: Annotated[list[RuleOut], Field(description="Those that spoke, as they stood then.")]
    incidents: Annotated[
        list[AsKept], Field(description="As they were held then, not as they are now.")
    ]
    evidence: AsKept
    again: AsKept | None
    same: Annotated[
        bool | None,
        Field(
            description="`again` is `evidence`, byte for byte. False: config/risk.toml or the "
            "network has changed since. null: made by hand, or before evidence was kept."
        ),
    ]


@router.get("/{alert_id}/why")
async def get_why(alert_id: str, _caller: ModeratorDep, state: StateDep) -> WhyOut:
    """Return the rule set and the evidence that made an alert, worked out once more from them."""
    found = await state.db.read(
        lambda conn: alert_evidence.why(conn, alert_id, context=state.context)
    )
    alert = found.alert
    return WhyOut(
        alert_id=alert.id,
        route=alert.route,
        cargo=alert.cargo,
        level=alert.level,
        reason=alert.reason.value,
        created_at=alert.created_at,
        rule_set=alert.rule_set,
        rules=[rule_out(table) for table in found.rules],
        incidents=[incident_out(one, full=True) for one in found.incidents],
        evidence=dict(alert.evidence),
        again=dict(found.again) if found.again is not None else None,
        same=found.same,
    )
