"""What is wrong in a form of an organisation, in the language of the page. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.errors import InvalidError
from app.web.my_form import typed_at
from app.web.speaking import Words

_MOST = 5
#: Members of a body, as errors point at them, with words of their own; others are `my_wrong`.
_NAMED = frozenset(
    {
        "name",
        "phone",
        "email",
        "channels",
        "language",
        "confirm",
        "routes",
        "regions",
        "towns",
        "cargoes",
        "min_level",
        "tell",
        "zone",
        "quiet",
        "until",
        "reason",
        "route",
        "sure",
        "code",
    }
)


def refused(*fields: str) -> InvalidError:
    """Return the error of a form in which these fields cannot be what they say."""
    detail = "The form cannot be read."
    return InvalidError(
        detail, errors=[{"pointer": f"/{field}", "detail": detail} for field in fields]
    )


def faults_in(error: InvalidError, form: Mapping[str, str], words: Words) -> list[str]:
    """Return what is wrong, a sentence each: which part, and how to mend it."""
    suggestions: Mapping[str, Sequence[str]] = error.extra.get("suggestions", {})
    found = [
        _fault(entry["pointer"], suggestions.get(entry["pointer"], ()), form, words)
        for entry in error.errors
    ]
    return list(dict.fromkeys(found))[:_MOST] or [words("my_wrong")]


def _fault(pointer: str, near: Sequence[Any], form: Mapping[str, str], words: Words) -> str:
    field, *rest = pointer.strip("/").split("/")
    if field not in _NAMED:
        return words("my_wrong")
    said = words(f"fault_{field}")
    number = next((int(one) for one in rest if one.isdigit()), None)
    typed = typed_at(form, field, number) if number is not None else ""
    if typed:
        said = f"{typed}{words('colon')} {said}"
    if near:
        said = f"{said} {words('fault_near', names=', '.join(map(str, near[:3])))}"
    return said
