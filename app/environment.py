"""The environment and .env read as settings; whatever is wrong in them is told by its name."""

import difflib
import os
import re
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError
from pydantic_settings import DotEnvSettingsSource, SettingsError

from app.core.errors import ConfigError
from app.settings import PREFIX, SECTIONS, Settings

#: What the tests are told by, in the environment of whoever runs them.
_OF_TESTS = frozenset({f"{PREFIX}REQUIRE"})


def load_settings() -> Settings:
    """Return the settings of this environment.

    Raises:
        ConfigError: Something is missing, malformed or misspelt; every variable at fault is
            named, no value is quoted.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        raise ConfigError("\n".join(_complaints(error))) from None
    except UnicodeDecodeError:
        raise ConfigError(".env: not UTF-8; save it as UTF-8") from None
    except SettingsError as error:  # a section given as JSON that is none; quotes no value
        raise ConfigError(str(error)) from None
    if slips := [name for name in unread_names() if _is_slip(name)]:
        raise ConfigError("\n".join(_misspelt(name) for name in slips))
    return settings


def unread_names() -> list[str]:
    """Return the names in the environment and `.env` that begin as ours and that nobody reads."""
    written = DotEnvSettingsSource(Settings).env_vars
    names = {name.upper() for name in (*os.environ, *written)}
    sections = {f"{PREFIX}{section.upper()}" for section in SECTIONS}  # whole, as a JSON value
    known = variable_names() | sections | _OF_TESTS
    ours = {name for name in names if name.startswith(PREFIX)} - known
    return sorted(ours)


def nearest_name(name: str) -> str | None:
    """Return the setting that `name` may have been meant for."""
    return next(iter(difflib.get_close_matches(name, variable_names(), n=1)), None)


def variable_names() -> set[str]:
    """Return the name of every environment variable that is read."""
    names = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields if field not in SECTIONS}
    for section, model in SECTIONS.items():
        for field, info in model.model_fields.items():
            names.add(f"{PREFIX}{section.upper()}__{(info.alias or field).upper()}")
    return names


def _complaints(error: ValidationError) -> Iterable[str]:
    for fault in error.errors(include_input=False, include_url=False, include_context=False):
        yield _complaint(fault["loc"], fault["type"], fault["msg"])


#: What a value of a kind must be, in place of what the library says.
_MUST_BE = {
    "bool_parsing": "must be true or false",
    "int_parsing": "must be a whole number",
    "float_parsing": "must be a number",
    "string_pattern_mismatch": "is not of the form that .env.example shows",
}


def _complaint(loc: tuple[Any, ...], kind: str, message: str) -> str:
    path = [str(part).rstrip("_") for part in loc]
    message = message.removeprefix("Value error, ")
    if inner := re.match(r"(\w+): (is missing)$", message):
        path, message = [*path, inner[1]], inner[2]
    name = PREFIX + "__".join(path).upper()
    if kind == "missing":
        message = f"is missing ({PREFIX}{path[0].upper()}__... is configured in part)"
    if kind == "extra_forbidden":
        return _misspelt(name)
    return f"{name}: {_MUST_BE.get(kind, message)}"


def _misspelt(name: str) -> str:
    near = nearest_name(name)
    return f"{name}: no such setting" + (f"; did you mean {near}?" if near else "")


def _is_slip(name: str) -> bool:
    """Tell whether a name looks like a setting, as `SIRA_TWILIO_AUTH_TOKEN`.

    Others stop nothing: they may be for tools around the service.
    """
    return bool(difflib.get_close_matches(name, variable_names(), cutoff=0.85))
