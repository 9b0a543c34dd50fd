"""Changes and chains for tests of deciding."""

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.alerts.alert import AlertState, AlertType, Audience, Certainty, Reason
from app.alerts.change import Cause, RouteChange
from app.alerts.decide import decide
from app.alerts.decision import Action, AlertDecision
from app.alerts.policy import AlertPolicy
from app.core.levels import Level
from tests.harness.api import CONFIG

NOW = datetime(2025, 9, 14, 14, tzinfo=UTC)
FILE = CONFIG / "policy" / "alerts.toml"
POLICY = AlertPolicy.parse(tomllib.loads(FILE.read_text()), file=str(FILE))
HERE = ("Sandaré", "Diéma")
ELSEWHERE = ("Kayes", "Diboli")


def a_change(**changed: Any) -> RouteChange:
    given: dict[str, Any] = {
        "route": "ML-DKR-N",
        "cargo": "fuel",
        "before": Level.UNKNOWN,
        "after": Level.SEVERE,
        "certainty": Certainty.UNCONFIRMED,
        "cause": Cause.REPORT,
        "incident_ids": frozenset({"i1"}),
        "stretch": HERE,
        "serious": True,
        "speaks": max(changed.get("incident_ids") or {"i1"}),
    }
    return RouteChange(**(given | changed))


def told(**changed: Any) -> AlertState:
    given: dict[str, Any] = {
        "id": "a1",
        "chain_id": "a1",
        "type": AlertType.ALERT,
        "level": Level.SEVERE,
        "certainty": Certainty.UNCONFIRMED,
        "created_at": NOW - timedelta(hours=1),
        "references": (),
        "incident_ids": frozenset({"i1"}),
        "expires_at": NOW + timedelta(hours=23),
        "stretches": frozenset({HERE}),
        "serious": True,
        "said_at": (NOW - timedelta(hours=1),),
    }
    if changed.get("certainty") is not Certainty.CONFIRMED:
        given |= {"doubtful": frozenset({"i1"}), "unanswered": frozenset({"i1"})}
        given["doubt_at"] = NOW - timedelta(hours=1)
    state = AlertState(**(given | changed))
    if "news_on" in changed:
        return state
    return replace(state, news_on=dict.fromkeys(state.stretches, state.news_at or state.created_at))


def said(change: RouteChange, state: AlertState | None) -> tuple[Action, Reason, Audience]:
    decision = decide(change, state, policy=POLICY, now=NOW)
    return decision.action, decision.reason, decision.audience


def outcome(decision: AlertDecision) -> tuple[Action, Reason]:
    return decision.action, decision.reason
