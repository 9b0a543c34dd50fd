"""Reads the files of a folder of settings, and goes on behind a wrong one to find the next."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn, Protocol, TypeVar

from app.core import amiss
from app.core.amiss import Way
from app.core.errors import ConfigError

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Parse(Protocol[T_co]):
    """Makes a value of a file's tables; `file` is its name, for complaints."""

    def __call__(self, table: Mapping[str, Any], /, *, file: str) -> T_co:
        """Return the value, or raise `ConfigError` for the first thing that is wrong."""
        ...


class Reading:
    """Collects what is wrong in all files of a folder, before anybody is told of it.

    What stands in for a wrong file, so that those that depend on it are looked at too, is never
    used for more: `refuse` raises.

    Args:
        directory: The folder.
        shipped: The one that came with this version; None: the first fault ends the reading.
    """

    def __init__(self, directory: Path, *, shipped: Path | None = None) -> None:
        self.directory = directory
        apart = shipped is not None and shipped.is_dir() and not shipped.samefile(directory)
        self._shipped = shipped if apart else None
        self._faults: list[str] = []

    def table(self, name: str, parse: Parse[T], *, like: str | None = None) -> T:
        """Return what a TOML file says.

        Args:
            name: Of the file, from the folder.
            parse: What makes the value.
            like: The shipped file to compare it with where none has its name.

        Raises:
            ConfigError: It is wrong, and nothing can stand in for it.
        """

        def of(table: Mapping[str, Any]) -> T:
            try:
                return parse(table, file=name)
            except (TypeError, AttributeError, KeyError, ValueError) as error:
                raise ConfigError(f"{name}: something is of the wrong type ({error})") from error

        try:
            own = read_toml(self.directory / name)
        except ConfigError as error:
            return self._instead(error, lambda folder: of(read_toml(folder / name)))
        try:
            return of(own)
        except ConfigError as error:
            return self._compared(own, of, error, self._shipped_one(name, like))

    def whole(self, name: str, load: Callable[[Path], T]) -> T:
        """Return what `load` makes of a file or folder, whose faults it tells one at a time.

        Raises:
            ConfigError: It is wrong, and nothing can stand in for it.
        """
        try:
            return load(self.directory / name)
        except ConfigError as error:
            return self._instead(error, lambda folder: load(folder / name))

    def check(self, look: Callable[[], object]) -> None:
        """Note what is wrong between files that are right by themselves."""
        try:
            look()
        except ConfigError as error:
            self._faults.append(str(error))

    def refuse(self) -> None:
        """Tell what is wrong.

        Raises:
            ConfigError: Something is; each fault has its line, in the order of reading.
        """
        if len(self._faults) == 1:
            raise ConfigError(self._faults[0])
        if self._faults:
            number = f"{len(self._faults)} things are wrong in {self.directory}"
            lines = [f"{number}; the lines named are those shipped, with what they are for:"]
            lines += self._faults
            raise ConfigError("\n  ".join(lines))

    def _shipped_one(self, name: str, like: str | None) -> Path | None:
        names = [name] if like is None else [name, like]
        paths = [self._shipped / one for one in names] if self._shipped else []
        return next((path for path in paths if path.is_file()), None)

    def _compared(
        self,
        own: Mapping[str, Any],
        of: Callable[[Mapping[str, Any]], T],
        error: ConfigError,
        shipped: Path | None,
    ) -> T:
        if shipped is None:
            self._end(error)
        found = amiss.find(own, read_toml(shipped), of)
        if found is None:
            self._end(error)
        text = shipped.read_text(encoding="utf-8")
        for fault in found.faults:
            line = amiss.line_of(text, fault.where.path)
            hint = f"there is none in {shipped}"
            if fault.where.way is not Way.EXTRA:
                hint = f"see {shipped}" + (f", line {line}" if line else "")
            self._faults.append(f"{fault.complaint}; {hint}")
        return found.rest

    def _instead(self, error: ConfigError, load: Callable[[Path], T]) -> T:
        if self._shipped is None:
            self._end(error)
        try:
            stand_in = load(self._shipped)
        except ConfigError:
            self._end(error)
        self._faults.append(str(error))
        return stand_in

    def _end(self, error: ConfigError) -> NoReturn:
        self._faults.append(str(error))
        try:
            self.refuse()
        except ConfigError as all_of_it:
            raise all_of_it from error
        raise AssertionError("unreachable: there is a fault")


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file.

    Raises:
        ConfigError: It is missing or not TOML.
    """
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from error


def read_text(path: Path) -> str:
    """Return the text of a file.

    Raises:
        ConfigError: It is missing or not UTF-8.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    try:
        return content.decode("utf-8-sig")  # Windows editors mark it
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path}, line {line}: not UTF-8; save it as UTF-8") from error
