"""What is wrong in a form of an organisation, in the language of the page. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.errors import DomainError, InvalidError
from app.web.my.form import typed_at
from app.web.speaking import Words

_MOST = 5
#: Members of a body, as errors point at them, with words of their own.
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


def faults_in(error: DomainError, form: Mapping[str, str], words: Words) -> dict[str, str]:
    """Return by field what is wrong, and how to mend it; what has no field is left to the page."""
    suggestions: Mapping[str, Sequence[str]] = error.extra.get("suggestions", {})
    found: dict[str, list[str]] = {}
    for entry in error.errors:
        pointer = entry.get("pointer", "")
        field, *rest = pointer.strip("/").split("/")
        if field in _NAMED:
            near = suggestions.get(pointer, ())
            found.setdefault(field, []).append(_fault(field, rest, near, form, words))
    return {field: " ".join(list(dict.fromkeys(said))[:_MOST]) for field, said in found.items()}


def taken_in(error: DomainError, words: Words) -> dict[str, str]:
    """Return by field which address is another contact's already."""
    fields = [entry["pointer"].rpartition("/")[2] for entry in error.errors]
    return {field: words("my_taken") for field in fields}


def _fault(
    field: str, rest: Sequence[str], near: Sequence[Any], form: Mapping[str, str], words: Words
) -> str:
    said = words(f"fault_{field}")
    number = next((int(one) for one in rest if one.isdigit()), None)
    typed = typed_at(form, field, number) if number is not None else ""
    if typed:
        said = f"{typed}{words('colon')} {said}"
    if near:
        said = f"{said} {words('fault_near', names=', '.join(map(str, near[:3])))}"
    return said
