"""A table of a file of words; every complaint names file and key."""

from collections.abc import Collection, Mapping
from string import Formatter
from typing import Any

from app.alerts.sms_text import to_gsm7
from app.core.errors import ConfigError
from app.core.text import meant


class Table:
    """A table of the file; every complaint names file and key."""

    def __init__(self, table: Mapping[str, Any], file: str, path: str) -> None:
        self.values = table
        self._file = file
        self._path = path

    def table(self, key: str) -> "Table":
        """Return the table under `key`."""
        value = self._get(key)
        if not isinstance(value, Mapping):
            raise self.wrong(key, "must be a table")
        return Table(value, self._file, f"{self._path}{key}.")

    def text(self, key: str) -> str:
        """Return a text that is not empty."""
        value = self._get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "must be a text")
        return value

    def sms(self, key: str) -> str:
        """Return a text that an SMS can carry."""
        return self._gsm(key, self.text(key))

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self._get(key)
        if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
            raise self.wrong(key, "must be a list of texts")
        return tuple(value)

    def sms_texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts that an SMS can carry."""
        return tuple(self._gsm(key, value) for value in self.texts(key))

    def pattern(self, key: str, fields: Collection[str], *, sms: bool = True) -> str:
        """Return a text with no slots but `fields`."""
        return self._checked(key, self.sms(key) if sms else self.text(key), fields)

    def patterns(self, key: str, fields: Collection[str]) -> tuple[str, ...]:
        """Return a list of texts that an SMS can carry, with no slots but `fields`."""
        return tuple(self._checked(key, value, fields) for value in self.sms_texts(key))

    def _checked(self, key: str, value: str, fields: Collection[str]) -> str:
        try:
            used = {name for _, name, _, _ in Formatter().parse(value) if name is not None}
        except ValueError as error:
            raise self.wrong(key, f"has a brace too many or too few: {error}") from error
        if unknown := used - set(fields):
            known = ", ".join(f"{{{field}}}" for field in sorted(fields)) or "none"
            raise self.wrong(key, f"has the unknown slot {{{min(unknown)}}}; known are {known}")
        return value

    def refuse_others(self, known: Collection[str]) -> None:
        """Complain of a key that is not known."""
        if others := sorted(self.values.keys() - set(known)):
            raise self.wrong(others[0], f"is not known; {meant(others[0], known)}")

    def wrong(self, key: str, complaint: str) -> ConfigError:
        """Return the complaint about a key."""
        return ConfigError(f"{self._file}: `{self._path}{key}` {complaint}")

    def _gsm(self, key: str, value: str) -> str:
        letters = {char for char in value if not to_gsm7(char)}
        if letters:
            shown = " ".join(sorted(letters))
            raise self.wrong(key, f"has letters that no SMS can carry, not even plain: {shown}")
        return value

    def _get(self, key: str) -> Any:
        if key not in self.values:
            raise self.wrong(key, "is missing")
        return self.values[key]
