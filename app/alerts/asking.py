"""What an SMS must not ask of numbers that cannot do it: to answer, or to open a link. Pure."""

import re
from collections.abc import Iterator
from string import Formatter

from app.alerts.templates import Templates
from app.alerts.texts import Texts
from app.core.errors import ConfigError

#: Words by which a text asks for an answer, where its language names none of its own.
_ASKS = frozenset(
    {
        "répondez", "repondez", "réponds", "reponds", "répondre", "repondre", "renvoyez",
        "reply", "answer", "respond",
    }
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_LINK = re.compile(r"https?:|www\.|\b[\w-]+\.(?:org|com|net|info|ml|sn|int)\b", re.IGNORECASE)


def asks_for_answer(text: str) -> bool:
    """Tell whether a text asks its reader to answer."""
    return any(word.lower() in _ASKS for word in _WORD.findall(text))


def has_link(text: str) -> bool:
    """Tell whether a text has something in it that a phone would open."""
    return _LINK.search(text) is not None


def refuse_impossible(templates: Templates, *, answers: bool, links: bool) -> None:
    """Refuse wordings of alerts' SMS that ask what some reader cannot do.

    One text is for everybody who reads its language, so it must suit all of them.

    Args:
        templates: Every language.
        answers: Whether everybody can answer.
        links: Whether a link passes everywhere.

    Raises:
        ConfigError: A wording asks for what is not possible; names file and wording.
    """
    for code, language in templates.languages.items():
        for wording in _wordings(language.texts):
            if not answers and asks_for_answer(wording):
                raise ConfigError(
                    f"{code}/texts.toml: {wording!r} asks for an answer, and there are numbers"
                    " in countries.toml that cannot answer (two_way)"
                )
            if not links and has_link(wording):
                raise ConfigError(
                    f"{code}/texts.toml: {wording!r} has a link, and there are numbers"
                    " in countries.toml that links do not reach"
                )


def _wordings(texts: Texts) -> Iterator[str]:
    """Yield whatever an alert's SMS may be made of, without its slots."""
    yield from (texts.brand, texts.exercise)
    for statement in texts.statements.values():
        yield "".join(literal for literal, *_ in Formatter().parse(statement.sms))
    yield from texts.slots.values()
    for level in texts.levels.values():
        yield from (level.sms, level.name, *level.advice, *level.closed)
    for certainty in texts.certainty.values():
        yield certainty.sms
    for kind in texts.kinds.values():
        yield from (kind.event, kind.one, kind.many, kind.tip)
