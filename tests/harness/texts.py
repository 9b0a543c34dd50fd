"""Every text that can be written: the network, the kinds and the statements to write it from."""
# ruff: noqa: RUF001, S311 - letters that look alike are what counting is about; chance is a fixed one

import random
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.alerts.alert import AlertFacts, AlertType, Certainty, Message, Reason
from app.alerts.compose import compose
from app.alerts.templates import load_templates
from app.core.gsm7 import BASIC, EXTENSION
from app.core.levels import Level
from app.roads.loading import load_network
from app.roads.network import Section
from tests.harness.alerts import some_facts

CONFIG = Path(__file__).parents[2] / "config"
KINDS = list(tomllib.loads((CONFIG / "kinds.toml").read_text()))
CARGOES = list(tomllib.loads((CONFIG / "cargoes.toml").read_text()))
TEMPLATES = load_templates(CONFIG / "templates", kinds=KINDS, cargoes=CARGOES)
LANGUAGES = sorted(TEMPLATES.languages)
NETWORK = load_network(CONFIG / "network")
BAMAKO = ZoneInfo("Africa/Bamako")
NOW = datetime(2025, 9, 14, 17, 5, tzinfo=UTC)

DANGEROUS = (Level.MODERATE, Level.HIGH, Level.SEVERE)
NEWS = (
    Reason.CONFIRMED,
    Reason.CORRECTED,
    Reason.NOT_OVER,
    Reason.OTHER_STRETCH,
    Reason.GRAVER,
    Reason.FURTHER_INCIDENT,
    Reason.WAY_LOST,
    Reason.NOT_CONFIRMED,
    Reason.BY_HAND,
)
#: Every statement: type, reason, level before, level now.
STATEMENTS = [
    *((AlertType.ALERT, Reason.FIRST, Level.UNKNOWN, level) for level in DANGEROUS),
    *((AlertType.UPDATE, Reason.ROSE, Level.MODERATE, level) for level in DANGEROUS[1:]),
    *((AlertType.UPDATE, Reason.FELL, Level.SEVERE, level) for level in DANGEROUS[:2]),
    *((AlertType.UPDATE, Reason.PARTLY_OVER, level, level) for level in DANGEROUS),
    *((AlertType.UPDATE, reason, level, level) for reason in NEWS for level in DANGEROUS),
    (AlertType.UPDATE, Reason.STILL_SEVERE, Level.SEVERE, Level.SEVERE),
    (AlertType.UPDATE, Reason.NO_FRESH_NEWS, Level.MODERATE, Level.UNKNOWN),
    (AlertType.UPDATE, Reason.REASSESSED, Level.MODERATE, Level.UNKNOWN),
    (AlertType.UPDATE, Reason.REASSESSED, Level.MODERATE, Level.LOW),
    *(
        (AlertType(end), reason, Level.SEVERE, level)
        for end, reason in (("all_clear", Reason.RESOLVED), ("withdrawal", Reason.REFUTED))
        for level in Level
    ),
]
LEVEL_CHANGES = {Reason.FIRST, Reason.ROSE, Reason.FELL}


def length(section: Section) -> int:
    return len(section.start_name + section.end_name)


SECTIONS = sorted(NETWORK.sections.values(), key=length)
LONGEST = SECTIONS[-1]
#: Tankers stopped at Lakamané: what most texts are tried with.
LAKAMANE = some_facts(
    route_title="Bamako - Kayes - Dakar (northern corridor)",
    occurred_at=NOW.replace(hour=12, minute=0),
    date_precision="day",
    reported_at=NOW,
    vehicles=(40, 40),
    serious=False,
)


def facts_on(section: Section, **changed: Any) -> AlertFacts:
    corridor = NETWORK.corridors[section.corridors[0]]
    given: dict[str, Any] = {
        "route": corridor.code,
        "route_title": corridor.title,
        "ends": (corridor.stops[0].name, corridor.stops[-1].name),
        "stretch": (section.start_name, section.end_name),
        "road": section.road or "RN16",
        "place": section.end_name,
        "area": False,
        "kind": "fuel_interception",
        "cargo": "fuel",
        "level": Level.SEVERE,
        "before": Level.UNKNOWN,
        "certainty": Certainty.UNCONFIRMED,
        "occurred_at": NOW - timedelta(hours=30),
        "date_precision": "instant",
        "reported_at": NOW,
        "vehicles": (20, 130),
        "fatalities": (12, 103),
        "abducted": (12, 103),
        "alternative": "Bamako - Bougouni - Manankoro - Odienné (- Abidjan west)",
        "told_at": NOW - timedelta(hours=5),
        "told_kind": "infrastructure_sabotage",
    }
    if changed.get("reason") is Reason.STILL_SEVERE:
        given["hours_old"] = 72
    if changed.get("reason") is Reason.WAY_LOST:
        given |= {"lost": given["alternative"], "lost_level": Level.SEVERE, "alternative": None}
    return AlertFacts(**(given | changed))


def sms(
    facts: AlertFacts, alert_type: AlertType = AlertType.ALERT, language: str = "fr"
) -> Message:
    return compose(
        facts, alert_type, channel="sms", language=language, templates=TEMPLATES, zone=BAMAKO
    )


#: Letters beside GSM-7: French and Bambara ones, typographic marks, beyond the first plane.
_OTHERS = "çêâîôûœëïÀÂÊËÎÏÔÛŒɛɔŋɲ’“”«»–—…\u00a0\u202f😀🚚مرحبا"


def random_texts() -> list[str]:
    """Return ten thousand texts of every length around the limits, the same ones every time."""
    chance = random.Random(7)
    plain, escaped = sorted(BASIC), sorted(EXTENSION)
    texts = []
    for _ in range(10_000):
        length = chance.randrange(1, 480)
        share = (0, 0, 1, 9)[chance.randrange(4)]
        odd = _OTHERS if chance.randrange(3) == 0 else ()
        texts.append(
            "".join(
                plain[chance.randrange(len(plain))]
                if chance.randrange(10) >= share
                else (escaped[chance.randrange(len(escaped))])
                if not odd or chance.randrange(2)
                else odd[chance.randrange(len(odd))]
                for _ in range(length)
            )
        )
    return texts
