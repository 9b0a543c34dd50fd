"""Alerts as an event for programs: JSON of one version, with the words for people in it. Pure.

What its members mean is said in docs/webhooks.md; a member may be added, and only a new `version`
takes one away or gives it another meaning.
"""

import json
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import quote

from app.alerts.alert import ENDS, Message
from app.alerts.compose import compose
from app.alerts.records import StoredAlert
from app.alerts.spoken import sentences
from app.alerts.templates import Templates
from app.alerts.whereabouts import place_label
from app.core.text import rfc3339

CHANNEL = "webhook"
VERSION = 1


def write_event(
    alerts: Sequence[StoredAlert],
    *,
    language: str,
    templates: Templates,
    zone: tzinfo,
    public_url: str | None,
) -> Message:
    """Return the event that says all `alerts`, each in full: a program needs no summary.

    An alert that is told of several stretches to whoever begins to listen is one: the worst.

    Nothing in it names a person, a source, or where an escort is.
    """
    first: dict[str, StoredAlert] = {}
    for one in alerts:
        first.setdefault(one.id, one)
    how: dict[str, Any] = {"language": language, "templates": templates, "zone": zone}
    said = [_alert(one, public_url=public_url, **how) for one in first.values()]
    at = max(one.created_at for one in alerts)
    return message(_event("alerts", at, {"alerts": said}), language)


def write_test(language: str, words: str, *, at: datetime) -> Message:
    """Return the event that shows that events arrive; it says nothing of any road."""
    return message(_event("test", at, {"text": words}), language)


def message(text: str, language: str) -> Message:
    """Return an event as the text of the channel."""
    return Message(
        channel=CHANNEL, language=language, subject=None, text=text, html=None, segments=0
    )


def _event(kind: str, at: datetime, data: dict[str, Any]) -> str:
    event = {"version": VERSION, "type": kind, "timestamp": _instant(at), "data": data}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def _alert(
    alert: StoredAlert,
    *,
    language: str,
    templates: Templates,
    zone: tzinfo,
    public_url: str | None,
) -> dict[str, Any]:
    facts, texts = alert.facts, templates.language(language).texts
    said = sentences(facts, alert.type, language=language, templates=templates, zone=zone)
    sms = compose(
        facts, alert.type, channel="sms", language=language, templates=templates, zone=zone
    )
    return {
        "id": alert.id,
        "kind": alert.type.value,
        "level": facts.level.value,
        "level_before": facts.before.value,
        "certainty": facts.certainty.value,
        "route": facts.route,
        "route_title": facts.route_title,
        "cargo": facts.cargo,
        "stretch": {"from": facts.stretch[0], "to": facts.stretch[1]} if facts.stretch else None,
        "road": facts.road,
        "place": place_label(facts, texts) or None,
        "place_km": facts.place_km,
        "incident_kind": facts.kind,
        "occurred_at": _instant(facts.occurred_at),
        "date_precision": facts.date_precision,
        "starts_at": _instant(facts.starts_at),
        "reported_at": _instant(facts.reported_at),
        "alternative": facts.alternative,
        "alternative_lost": facts.lost,
        "exercise": facts.exercise,
        "reason": alert.reason.value,
        "why": said.because,
        "advice": said.advice,
        "headline": said.headline,
        "text": said.whole,
        "sms": sms.text,
        "language": texts.language,
        "at": _instant(alert.created_at),
        "expires_at": _instant(alert.expires_at),
        "ends": alert.type in ENDS,
        "supersedes": list(alert.references),
        "link": f"{public_url.rstrip('/')}/routes/{quote(facts.route)}" if public_url else None,
    }


def _instant(at: datetime | None) -> str | None:
    return rfc3339(at.replace(microsecond=0)) if at is not None else None
