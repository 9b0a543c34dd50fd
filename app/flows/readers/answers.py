"""What is answered to who reported or decided: effects, with their reasons in words."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from app.alerts import dates
from app.config import Config
from app.flows.alerting.telling import Assessment, Effect
from app.flows.alerting.towns import spot_near
from app.flows.readers.outside import told_outside
from app.flows.wire import ROUGHLY, is_secret
from app.incidents.incident import Incident
from app.incidents.report import Family
from app.risk.contradictions import Contradiction
from app.risk.evidence import SectionEvidence
from app.risk.explain import Factor, Label, explain, factors
from app.risk.rating import Rating
from app.roads.places import Shape


def effects_out(
    assessment: Assessment, config: Config, *, language: str, coarse: bool = False
) -> list[dict[str, Any]]:
    """Return every effect that changed a level or raised an alert, the worst first.

    `coarse`: for others than the desk, who are not told when a convoy passed.
    """
    changed = [
        effect
        for effect in assessment.effects
        if effect.alert_id is not None or effect.news.before is not effect.news.after
    ]
    changed.sort(key=lambda effect: -effect.news.after.rank)
    return [_effect_out(effect, config, language, coarse=coarse) for effect in changed]


def reasons_in_words(
    rating: Rating,
    evidence: SectionEvidence,
    config: Config,
    *,
    language: str,
    coarse: bool,
) -> list[str]:
    """Return the reasons of a rating, made with `explain=True`, in words.

    `coarse`: for others than the desk, who are not told when a convoy passed.
    """
    labels, until = _in_words(rating, evidence, config, language, coarse=coarse)
    return list(explain(rating, language=language, labels=labels, until=until))


def factors_out(
    rating: Rating,
    evidence: SectionEvidence,
    config: Config,
    *,
    language: str,
    coarse: bool,
) -> list[dict[str, Any]]:
    """Return what makes the score: parts that add up to it, in words and numbers.

    `coarse`: for others than the desk. A hazard is made of distance and age, see `coarse_evidence`.
    """
    labels, until = _in_words(rating, evidence, config, language, coarse=coarse)
    return [
        {
            "incident": one.incident_id if _timed(one, labels) else None,
            "points": one.points,
            "hazard": _hazard(one, labels, coarse=coarse),
            "words": one.words,
        }
        for one in factors(rating, language=language, labels=labels, until=until)
    ]


def _timed(one: Factor, labels: Mapping[str, Label]) -> bool:
    label = labels.get(one.incident_id or "")
    return label is None or label.timed


def _hazard(one: Factor, labels: Mapping[str, Label], *, coarse: bool) -> float | None:
    if not _timed(one, labels):
        return None
    return round(one.hazard, ROUGHLY) if coarse else one.hazard


def _in_words(
    rating: Rating, evidence: SectionEvidence, config: Config, language: str, *, coarse: bool
) -> tuple[Mapping[str, Label], Callable[[datetime], str]]:
    incidents = [item.exposed.incident for item in evidence.items]
    told = {one.incident_id for one in rating.contributions}
    known = [one for one in incidents if one.id in told]
    labels = labels_of(
        known, evidence.section.id, config, language=language, coarse=coarse, now=rating.at
    )
    texts, zone = config.templates.language(language).texts, config.alerts.zone

    def until(instant: datetime) -> str:
        local = instant.astimezone(zone)
        return f"{dates.date(local, texts)} {dates.clock(local, texts)}"

    return labels, until


def labels_of(
    incidents: list[Incident],
    section_id: str,
    config: Config,
    *,
    language: str,
    coarse: bool = False,
    now: datetime | None = None,
) -> Mapping[str, Label]:
    """Return how incidents are printed in the reasons of a section, by id.

    `coarse`: for others than the desk, who are not told how many sources tell of a convoy. `now`:
    what is announced for later is then told so.
    """
    labels = {}
    for one in incidents:
        kind = config.kinds.find(one.kind)
        spot = spot_near(one, section_id, config.network)
        labels[one.id] = Label(
            kind=kind.label(language) if kind is not None else one.kind,
            place=None if is_secret(one) else spot.told[0],
            area=spot.shape is Shape.AREA,
            sources=0 if coarse and is_secret(one) else len(one.voices),
            timed=not (coarse and is_secret(one)),
            begins_at=one.starts_at if now and one.begins_at > now else None,
        )
    return labels


def contradiction_out(
    pair: Contradiction,
    section_id: str,
    config: Config,
    language: str,
    *,
    coarse: bool,
    now: datetime,
) -> dict[str, Any]:
    """Return two incidents that contradict one another, each with its age and credibility.

    Ages are of whole days for what tells where a convoy or an operation is. `coarse`: others than
    the desk are not told which it is, nor how far it is believed.
    """
    labels = labels_of([pair.open, pair.closed], section_id, config, language=language)

    def side(one: Incident, says: str) -> dict[str, Any]:
        heard = one.last_reported_at if one.family is Family.CLOSURE else one.occurred_at
        hours = max(0.0, (now - heard).total_seconds() / 3600)
        untold = coarse and is_secret(one)
        return {
            "incident": None if untold else one.id,
            "kind": one.kind,
            "says": says,
            "age_hours": 24 * int(hours // 24) if is_secret(one) else round(hours, 1),
            "credibility": None if untold else round(one.credibility, 3),
            "sources": None if untold else len(one.voices),
            "certainty": "confirmed" if one.certain else "unconfirmed",
        }

    return {
        "section": section_id,
        "open": side(pair.open, "open"),
        "closed": side(pair.closed, "closed"),
        "words": _CONTRADICTS[language].format(
            open=labels[pair.open.id].kind, closed=labels[pair.closed.id].kind
        ),
    }


_CONTRADICTS = {
    "fr": "Les informations se contredisent : {open} selon les uns, {closed} selon les autres.",
    "en": "Reports contradict one another: {open} by some, {closed} by others.",
}


def _effect_out(effect: Effect, config: Config, language: str, *, coarse: bool) -> dict[str, Any]:
    news, decision = effect.news, effect.decision
    worst = told_outside(news.worst, config.kinds) if coarse else news.worst
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
        "reasons": reasons_in_words(worst, news.evidence, config, language=language, coarse=coarse),
    }
