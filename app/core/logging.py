"""Logs as JSON lines: an event name and key/values; contacts and keys never get through."""

import json
import logging
import re
import sys
from collections.abc import Mapping
from contextvars import ContextVar, Token
from datetime import UTC, datetime
from typing import Any, TextIO

from typing_extensions import override

#: Between the groups of a number.
_GAP = r"[ .\-\u00a0\u2007\u2009-\u2015\u202f]"

#: What is masked in every text, and what stands there instead; in this order.
_MASKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<=://)[^\s/@]+@"), "[login]@"),  # user:password@ of a URL
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), r"\1 [key]"),
    (re.compile(r"\bsira_[a-z]_[\w-]{20,}"), "[key]"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "[key]"),  # a Twilio auth token
    # no more before the @ than a mailbox may have: a long word is not searched from each letter
    (re.compile(r"[^\s@<>\"'=:/,;()\[\]]{1,64}@[\w-]++(?:\.[\w-]++)+"), "[e-mail]"),
    # international: + or 00, then 7 to 15 digits in any grouping; behind a colon, too, as Twilio
    # writes them (whatsapp:+223...), unless it stands in a time of day
    (
        re.compile(
            rf"(?<![\w.-])(?<!\d:)(?:\+|%2B|00)\s?\d(?:(?:{_GAP}|[()]){{0,2}}\d){{6,14}}(?!\w)"
        ),
        "[phone]",
    ),
    # national: 8 digits or more in groups of two or three; not a date, not a decimal number
    (
        re.compile(
            r"(?<![\w.+-])(?<!\d:)(?!\d{4}-\d{2}-\d{2}(?!\d))(?!\d+\.\d+(?![.\d]))"
            rf"\d{{2,3}}(?:{_GAP}?\d{{2,3}}){{2,5}}(?<=\d)(?![\w-])"
        ),
        "[phone]",
    ),
)
#: A value under one of these names is a secret or a contact whatever it looks like.
_SECRET_NAMES = re.compile(
    r"(?i)(^|_)(password|passwd|secret|token|authorization|api_key|vault_keys?|phone|e?mail"
    r"|address|recipient|reporter)$"
)
#: Ids of ours: nothing in them to mask, and looking costs more than the rest of a line.
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: What every LogRecord has; the rest came by `extra`.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}
#: Libraries that log what they send: numbers, addresses, headers.
_QUIET = (
    *("twilio", "aiosmtplib", "httpx", "httpcore", "apprise", "urllib3"),
    *("asyncio", "apscheduler", "alembic"),
)

_bound: ContextVar[Mapping[str, object]] = ContextVar("log_context")


def mask(text: str) -> str:
    """Return `text` without phone numbers, e-mail addresses and keys."""
    for pattern, stand_in in _MASKS:
        text = pattern.sub(stand_in, text)
    return text


class bound:  # noqa: N801 - reads as the verb it is
    """Put `fields` (`request_id`, `delivery_id`) on every event logged inside, awaits included."""

    __slots__ = ("_fields", "_token")

    def __init__(self, **fields: object) -> None:
        self._fields = fields
        self._token: Token[Mapping[str, object]]

    def __enter__(self) -> None:
        self._token = _bound.set({**_bound.get({}), **self._fields})

    def __exit__(self, *_: object) -> None:
        _bound.reset(self._token)


class EventLog:
    """Logs events: `log.info("delivery.accepted", delivery_id=..., channel=...)`."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger

    def debug(self, event: str, /, **fields: object) -> None:
        """Log what only a developer asks for."""
        self._log(logging.DEBUG, event, fields)

    def info(self, event: str, /, **fields: object) -> None:
        """Log what happened."""
        self._log(logging.INFO, event, fields)

    def warning(self, event: str, /, **fields: object) -> None:
        """Log what somebody should look at some day."""
        self._log(logging.WARNING, event, fields)

    def error(self, event: str, /, **fields: object) -> None:
        """Log what somebody must look at now."""
        self._log(logging.ERROR, event, fields)

    def exception(self, event: str, /, **fields: object) -> None:
        """Log, as an error, the exception being handled."""
        self._log(logging.ERROR, event, fields, exc_info=True)

    def _log(
        self, level: int, event: str, fields: Mapping[str, object], *, exc_info: bool = False
    ) -> None:
        if self._logger.isEnabledFor(level):
            self._logger.log(
                level, event, extra={"fields": dict(fields)}, exc_info=exc_info, stacklevel=3
            )


def get_logger(name: str) -> EventLog:
    """Return the event log of module `name`."""
    return EventLog(logging.getLogger(name))


class JsonFormatter(logging.Formatter):
    """One JSON object a line, masked: `at`, `level`, `logger`, `event`, then the fields."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        extra = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        fields = {**_bound.get({}), **extra.pop("fields", {}), **extra}
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": mask(record.getMessage()),
        }
        line |= {
            f"{key}_" if key in line else key: _safe(value, key) for key, value in fields.items()
        }
        if record.exc_info:
            line["exception"] = mask(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def _safe(value: Any, name: str) -> Any:
    """Return `value` as JSON takes it, masked at any depth."""
    if value is None or isinstance(value, bool):
        return value
    if _SECRET_NAMES.search(name):
        return "[masked]"
    if isinstance(value, int | float):
        return value
    if isinstance(value, Mapping):
        return {mask(str(key)): _safe(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_safe(inner, name) for inner in value]
    text = str(value)
    return text if _ID.fullmatch(text) else mask(text)


def configure(level: str, stream: TextIO | None = None) -> None:
    """Send every logger of the process, libraries too, through `JsonFormatter` to `stream`.

    Args:
        level: Of our own events; libraries that log what they send are heard from WARNING on.
        stream: stderr when not given: stdout is for what commands answer.
    """
    output = logging.StreamHandler(stream or sys.stderr)
    output.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [output]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
