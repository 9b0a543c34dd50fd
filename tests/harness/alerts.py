"""What an alert speaks of, for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from app.alerts.alert import AlertFacts, Certainty, Reason
from app.core.levels import Level

NOW = datetime(2025, 9, 14, 14, tzinfo=UTC)


def some_facts(**changed: Any) -> AlertFacts:
    given: dict[str, Any] = {
        "route": "ML-DKR-N",
        "route_title": "Bamako - Kayes - Dakar",
        "ends": ("Bamako", "Dakar"),
        "stretch": ("Sandaré", "Diéma"),
        "road": "RN1",
        "place": "Lakamané",
        "area": False,
        "kind": "fuel_interception",
        "cargo": "fuel",
        "level": Level.SEVERE,
        "before": Level.UNKNOWN,
        "certainty": Certainty.UNCONFIRMED,
        "occurred_at": NOW - timedelta(hours=2),
        "date_precision": "instant",
        "reported_at": NOW,
        "vehicles": (20, 130),
        "serious": True,
        "reason": Reason.FIRST,
    }
    return AlertFacts(**(given | changed))
