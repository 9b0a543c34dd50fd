"""What is answered to who reported or decided: effects, with their reasons in words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.config import Config
from app.flows.telling import Assessment, Effect
from app.flows.wire import is_secret
from app.incidents.incident import Incident
from app.risk.evidence import SectionEvidence
from app.risk.explain import Label, explain
from app.risk.rating import Rating
from app.roads.places import Shape


def effects_out(assessment: Assessment, config: Config, *, language: str) -> list[dict[str, Any]]:
    """Return every effect that changed a level or raised an alert, the worst first."""
    changed = [
        effect
        for effect in assessment.effects
        if effect.alert_id is not None or effect.news.before is not effect.news.after
    ]
    changed.sort(key=lambda effect: -effect.news.after.rank)
    return [_effect_out(effect, config, language) for effect in changed]


def reasons_in_words(
    rating: Rating, evidence: SectionEvidence, config: Config, *, language: str
) -> list[str]:
    """Return the reasons of a rating, made with `explain=True`, in words."""
    incidents = [item.exposed.incident for item in evidence.items]
    told = {one.incident_id for one in rating.contributions}
    labels = labels_of([one for one in incidents if one.id in told], config, language=language)
    zone = config.alerts.zone

    def until(instant: datetime) -> str:
        local = instant.astimezone(zone)
        return f"{local:%d/%m %H:%M}" if language == "en" else f"{local:%d/%m %Hh%M}"

    return list(explain(rating, language=language, labels=labels, until=until))


def labels_of(incidents: list[Incident], config: Config, *, language: str) -> Mapping[str, Label]:
    """Return how incidents are printed in reasons, by id."""
    labels = {}
    for one in incidents:
        kind = config.kinds.find(one.kind)
        labels[one.id] = Label(
            kind=kind.label(language) if kind is not None else one.kind,
            place=None if is_secret(one) else one.location.label,
            area=one.location.shape is Shape.AREA,
            sources=len(one.voices),
        )
    return labels


def _effect_out(effect: Effect, config: Config, language: str) -> dict[str, Any]:
    news, decision = effect.news, effect.decision
    return {
        "route": news.route,
        "section": news.worst.section_id,
        "cargo": news.cargo,
        "before": news.before.value,
        "after": news.after.value,
        "score": news.worst.score,
        "alert_id": effect.alert_id,
        "alert_type": decision.type.value if decision.type is not None else None,
        "decision": decision.reason.value,
        "reasons": reasons_in_words(news.worst, news.evidence, config, language=language),
    }
