"""What is kept of a rating as JSON and back: the same value is always the same text."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.core.levels import Level
from app.risk.rating import Closure, SectionCargoState


def encode_state(state: SectionCargoState) -> dict[str, Any]:
    """Return what `section_state.cargoes` holds for a cargo."""
    return {
        "level": state.level.value,
        "score": state.score,
        "since": state.since.isoformat(),
        "calm_since": _written(state.calm_since),
        "evidence_at": _written(state.evidence_at),
        "positive_at": _written(state.positive_at),
        # left out of the thousands of states of which it is clear
        **({"by_day": state.by_day} if state.by_day or _is_good_news(state) else {}),
        **({"closures": [_closure_out(one) for one in state.closures]} if state.closures else {}),
    }


def decode_state(facts: Mapping[str, Any], *, rated_at: datetime) -> SectionCargoState:
    """Return the state that was kept."""
    return SectionCargoState(
        level=Level(facts["level"]),
        score=facts["score"],
        since=datetime.fromisoformat(facts["since"]),
        calm_since=_read(facts["calm_since"]),
        evidence_at=_read(facts["evidence_at"]),
        positive_at=_read(facts["positive_at"]),
        rated_at=rated_at,
        # kept by a version before: of good news it is known all the same
        by_day=facts.get(
            "by_day",
            facts["evidence_at"] is not None and facts["evidence_at"] == facts["positive_at"],
        ),
        closures=tuple(_closure_in(one) for one in facts.get("closures", ())),
    )


def _is_good_news(state: SectionCargoState) -> bool:
    return state.evidence_at is not None and state.evidence_at == state.positive_at


def _closure_out(one: Closure) -> dict[str, Any]:
    return {
        "incident": one.incident_id,
        "kind": one.kind,
        "rule": one.rule_id,
        "until": one.until.isoformat(),
        "lifted": one.lifted,
        "heard_at": one.heard_at.isoformat(),
    }


def _closure_in(facts: Mapping[str, Any]) -> Closure:
    return Closure(
        incident_id=facts["incident"],
        kind=facts["kind"],
        rule_id=facts["rule"],
        until=datetime.fromisoformat(facts["until"]),
        lifted=facts["lifted"],
        heard_at=datetime.fromisoformat(facts["heard_at"]),
    )


def _written(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant is not None else None


def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None
