"""The words of answers in one language: config/templates/<language>/replies.toml, checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from types import MappingProxyType
from typing import Any

from app.alerts.sms_text import segments, to_gsm7
from app.core.errors import ConfigError

_BRAND = frozenset({"brand"})
_WHERE = _BRAND | {"where", "cargo"}
_CHOOSE = _BRAND | {"choices"}
#: Every answer, with the slots it may have.
_REPLIES: Mapping[str, frozenset[str]] = {
    "report_noted": _BRAND | {"event", "place"},
    "report_what": _CHOOSE | {"at"},
    "place_which": _CHOOSE,
    "place_each": _CHOOSE,
    "place_unknown": _BRAND | {"said", "example"},
    "place_missing": _BRAND | {"example"},
    "state": _WHERE | {"level", "between", "event", "age", "advice", "other"},
    "state_unknown": _WHERE,
    "transit_noted": _BRAND | {"where"},
    "denial_noted": _BRAND | {"place"},
    "acknowledged": _BRAND,
    "trial_noted": _BRAND,
    "subscribe_noted": _WHERE,
    "restart_first": _BRAND,
    "refused": _BRAND,
    "language_set": _BRAND,
    "language_which": _CHOOSE,
    "stopped": _BRAND,
    "started": _BRAND,
    "help": _BRAND,
    "choice_stray": _BRAND,
    "unclear": _BRAND,
    "unclear_which": _CHOOSE | {"at"},
}
#: A copy of the file may be without them: who needs help is then answered as not understood, of
#: what sort a report was is not asked, nor said from where one was moved, or what is not known.
_MORE_REPLIES: Mapping[str, frozenset[str]] = {
    "in_need": _BRAND,
    "report_which": _CHOOSE | {"event", "place"},
    "report_but": _BRAND | {"event", "place", "said"},
    "report_moved": _BRAND | {"event", "place", "before"},
}
_CHOICES: Mapping[str, frozenset[str]] = {
    "report": frozenset({"event"}),
    **dict.fromkeys(
        ("report_any", "ask_state", "ask_route", "safe_transit", "acknowledge", "stop", "help"),
        frozenset[str](),
    ),
}
#: What a copy of the file has no words for is not offered.
_MORE_CHOICES: Mapping[str, frozenset[str]] = dict.fromkeys(
    ("subscribe", "somewhere"), frozenset[str]()
)
_EXAMPLES: Mapping[str, frozenset[str]] = dict.fromkeys(
    ("report", "ask_state", "ask_route", "safe_transit", "subscribe"), frozenset[str]()
)
_AGES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("minutes", "hours", "days"), frozenset({"n"})),
    "today": frozenset(),
}
_SLOTS: Mapping[str, frozenset[str]] = {
    "event": frozenset({"event"}),
    "cargo": frozenset({"cargo"}),
    "via": frozenset({"via"}),
    "other": frozenset({"via", "level"}),
}
#: What must be said whatever is given up to fit: how old news is, what to choose from.
_OWED: Mapping[str, frozenset[str]] = {
    "state": frozenset({"level", "age"}),
    "report_what": frozenset({"choices"}),
    "report_which": frozenset({"event", "choices"}),
    "place_which": frozenset({"choices"}),
    "place_each": frozenset({"choices"}),
    "language_which": frozenset({"choices"}),
    "unclear_which": frozenset({"choices"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyTexts:
    """All words of answers in one language; `languages` are the names to choose from, by code."""

    replies: Mapping[str, str]
    choices: Mapping[str, str]
    examples: Mapping[str, str]
    ages: Mapping[str, str]
    languages: Mapping[str, str]
    slots: Mapping[str, str]


def parse_replies(table: Mapping[str, Any], *, file: str) -> ReplyTexts:
    """Return the words in a parsed replies.toml.

    Raises:
        ConfigError: A wording is missing, has an unknown slot, lacks one that it owes, has a letter
            that no SMS has, or is longer than one SMS before anything is filled in.
    """
    wanted = {"replies", "choices", "examples", "ages", "languages", "slots"}
    if wrong := set(table) ^ wanted:
        key = min(wrong)
        raise ConfigError(f"{file}: `{key}` is {'not known' if key in table else 'missing'}")
    names = dict.fromkeys(table["languages"], frozenset[str]())
    return ReplyTexts(
        replies=_patterns(table, "replies", _REPLIES, file, may=_MORE_REPLIES),
        choices=_patterns(table, "choices", _CHOICES, file, may=_MORE_CHOICES),
        examples=_patterns(table, "examples", _EXAMPLES, file),
        ages=_patterns(table, "ages", _AGES, file),
        languages=_patterns(table, "languages", names, file),
        slots=_patterns(table, "slots", _SLOTS, file),
    )


def _patterns(
    table: Mapping[str, Any],
    name: str,
    wanted: Mapping[str, frozenset[str]],
    file: str,
    *,
    may: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> Mapping[str, str]:
    found = table[name]
    if not isinstance(found, Mapping) or (wrong := (set(found) - set(may)) ^ set(wanted)):
        key = min(wrong) if isinstance(found, Mapping) else ""
        raise ConfigError(f"{file}: `{name}.{key}` is missing or not known")
    for key, slots in {**wanted, **{key: may[key] for key in may if key in found}}.items():
        if complaint := _complaint(found[key], slots, _OWED.get(key, frozenset())):
            raise ConfigError(f"{file}: `{name}.{key}` {complaint}")
    return dict(found)


def _complaint(text: Any, slots: frozenset[str], owed: frozenset[str]) -> str | None:
    if not isinstance(text, str) or not text.strip():
        return "must be a text"
    try:
        used = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError as error:
        return f"has a brace too many or too few: {error}"
    if wrong := (used - slots) | (owed - used):
        slot = min(wrong)
        return f"has the unknown slot {{{slot}}}" if slot in used else f"must say {{{slot}}}"
    if any(not to_gsm7(char) for char in text):
        return "has letters that no SMS can carry, not even plain"
    if segments(to_gsm7(text)) > 1:
        return "is longer than one SMS"
    return None
