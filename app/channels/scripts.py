"""What calls say around an alert, and the approved templates of WhatsApp: config/channels.toml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from app.core.errors import ConfigError

#: Kinds of alert, as `alerts.alert.AlertType` has them: the first stands in for those left out.
KINDS = ("alert", "update", "all_clear", "withdrawal")
_PHRASES = ("greeting", "menu", "noted", "stopped", "goodbye")
_CONTENT = re.compile(r"HX[0-9a-f]{32}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
_VOICE = re.compile(r"[A-Za-z0-9.-]{1,60}")
_MOST_CHARS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceScript:
    """What a call says in one language.

    Attributes:
        say: Language of <Say>, as Twilio names it.
        voice: One of Twilio's; "": its usual one.
        words: greeting, menu, noted, stopped, goodbye.
        play: URLs of recordings that stand in for some of them.
    """

    say: str
    voice: str
    words: Mapping[str, str]
    play: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripts:
    """The file, by language.

    Attributes:
        voice: Of calls.
        whatsapp: Ids of Content templates by kind of alert.
    """

    voice: Mapping[str, VoiceScript] = field(default_factory=dict)
    whatsapp: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def spoken(self, channel: str, language: str) -> str | None:
        """Return in which language somebody is told on a channel; None: it is not there.

        His own, or the first of the file: in another language is better than not at all.
        """
        known = self.voice if channel == "voice" else self.whatsapp
        return language if language in known else next(iter(known), None)

    def script(self, language: str) -> VoiceScript | None:
        """Return what a call says around an alert."""
        return self.voice.get(self.spoken("voice", language) or "")

    def template(self, language: str, kind: str) -> str | None:
        """Return the approved template for a kind of alert, or that which stands in for it."""
        known = self.whatsapp.get(self.spoken("whatsapp", language) or "", {})
        return known.get(kind) or known.get(KINDS[0])


def parse(table: Mapping[str, Any], *, file: str) -> Scripts:
    """Return what a parsed TOML table says.

    Raises:
        ConfigError: Something is missing, unknown or malformed; names file, table and key.
    """
    _known(table, ("voice", "whatsapp"), file)
    voice = _tables(table.get("voice", {}), f"{file}: [voice]")
    whatsapp = _tables(table.get("whatsapp", {}), f"{file}: [whatsapp]")
    return Scripts(
        voice={one: _script(row, f"{file}: [voice.{one}]") for one, row in voice.items()},
        whatsapp={
            one: _templates(row, f"{file}: [whatsapp.{one}]") for one, row in whatsapp.items()
        },
    )


def _script(row: Mapping[str, Any], where: str) -> VoiceScript:
    _known(row, ("say", "voice", "play", *_PHRASES), where)
    say, voice = _text(row, "say", where), row.get("voice", "")
    if not _LANGUAGE.fullmatch(say):
        raise ConfigError(f"{where} `say` must be a language of <Say> such as fr-FR")
    if voice and not (isinstance(voice, str) and _VOICE.fullmatch(voice)):
        raise ConfigError(f"{where} `voice` must be a voice of Twilio's such as Polly.Lea")
    play = row.get("play", {})
    if not isinstance(play, Mapping):
        raise ConfigError(f"{where} `play` must be a table")
    _known(play, _PHRASES, f"{where[:-1]}.play]")
    for name, url in play.items():
        if not isinstance(url, str) or urlsplit(url).scheme != "https":
            raise ConfigError(f"{where[:-1]}.play] `{name}` must be an https URL")
    words = {name: _text(row, name, where) for name in _PHRASES}
    return VoiceScript(say=say, voice=voice, words=words, play=dict(play))


def _templates(row: Mapping[str, Any], where: str) -> Mapping[str, str]:
    _known(row, KINDS, where)
    if KINDS[0] not in row:
        raise ConfigError(f"{where} `{KINDS[0]}` is missing: it stands in for kinds without one")
    for kind, sid in row.items():
        if not isinstance(sid, str) or not _CONTENT.fullmatch(sid):
            raise ConfigError(f"{where} `{kind}` must be the id of a Content template, HX...")
    return dict(row)


def _tables(table: Any, where: str) -> Mapping[str, Mapping[str, Any]]:
    if not isinstance(table, Mapping) or not all(isinstance(r, Mapping) for r in table.values()):
        raise ConfigError(f"{where} must hold one table for each language")
    return table


def _text(row: Mapping[str, Any], key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not 0 < len(value) <= _MOST_CHARS:
        raise ConfigError(f"{where} `{key}` must be a text of at most {_MOST_CHARS} characters")
    return value


def _known(row: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    if unknown := sorted(set(row) - set(known)):
        raise ConfigError(f"{where} `{unknown[0]}` is not known; known: {', '.join(known)}")
