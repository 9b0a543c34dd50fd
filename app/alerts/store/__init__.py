"""Alerts in the database. A chain has one active alert at most."""

from app.alerts.store.acknowledgements import acknowledge, list_acknowledgements
from app.alerts.store.alerts import (
    add_alerts,
    alerts_of_incident,
    all_incidents,
    count_by_type,
    get_alert,
    incidents_of,
    list_alerts,
    list_told_since,
    messages_of,
    release,
    speak_also_of,
)
from app.alerts.store.chains import (
    ChainMemory,
    Subject,
    drop_held,
    due_expired,
    end_chain,
    end_expired_held,
    next_expiry,
    renew,
    supersede,
    told_state,
)

__all__ = [
    "ChainMemory",
    "Subject",
    "acknowledge",
    "add_alerts",
    "alerts_of_incident",
    "all_incidents",
    "count_by_type",
    "drop_held",
    "due_expired",
    "end_chain",
    "end_expired_held",
    "get_alert",
    "incidents_of",
    "list_acknowledgements",
    "list_alerts",
    "list_told_since",
    "messages_of",
    "next_expiry",
    "release",
    "renew",
    "speak_also_of",
    "supersede",
    "told_state",
]
