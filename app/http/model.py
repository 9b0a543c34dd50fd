"""What every body has in common, in and out."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    model_validator,
)

from app.core.text import without_turns
from app.incidents.personal import without_addresses

#: Instants beyond these are slips, and some of them no longer fit once they are brought to UTC.
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_DATED = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")
#: A time and an offset: a `+` between them that a query does not write %2B arrives as a space.
_LOST_PLUS = re.compile(r"([Tt ]\d\d:\d\d[\d:.]*) (\d\d:?\d\d)$")


class ApiModel(BaseModel):
    """Base of every body.

    Unknown members are refused, so that a misspelt one is not silently without effect; NaN and
    infinities are, because JSON has none. Characters that no database takes never come this far:
    `app.http.edge` refuses them in every body, path and query. Those that turn the direction of a
    text are taken out of it: a name is shown to others.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _read_as_written(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {
            name: without_turns(one) if isinstance(one, str) else one for name, one in value.items()
        }


#: A name of something or somebody: trimmed, one line.
Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=120,
        pattern=r"^[^\x00-\x1f\x7f\u2028\u2029]*$",
    ),
]


def _no_address(text: str) -> str:
    if without_addresses(text) != text:
        raise ValueError("no telephone number, no e-mail address: this is kept as it is written")
    return text


#: Words that somebody adds to a record. They are not sealed, and some go into the audit trail.
Unsealed = Annotated[str, AfterValidator(_no_address)]


def _no_truth_value(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("a number is expected, not true or false")  # noqa: TRY004 - pydantic's way
    return value


#: Stands last with a number; pydantic would take `true` for 1, and a bound that came after it would
#: be missing in the description. In quotes numbers mean the same, and what was read out of a form
#: or a file often has them: no report is refused for that.
NotTruth = BeforeValidator(_no_truth_value)


def _in_utc(instant: datetime) -> datetime:
    if not _FIRST_YEAR <= instant.year <= _LAST_YEAR:
        raise ValueError(f"the year must lie between {_FIRST_YEAR} and {_LAST_YEAR}")
    return instant.astimezone(UTC)


def _as_text(value: object) -> object:
    """Refuse numbers: pydantic would take them for seconds, or milliseconds, since 1970."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DATED.match(value):
        return _LOST_PLUS.sub(r"\1+\2", value)
    raise ValueError("give an instant with its offset, such as 2026-01-31T08:30:00Z")


#: An instant: RFC 3339 with an offset; in UTC once it is in.
Instant = Annotated[AwareDatetime, BeforeValidator(_as_text), AfterValidator(_in_utc)]


def unquoted(tag: object) -> object:
    """Return an entity tag without the quotes that RFC 9110, 8.8.3 writes it in."""
    return tag.strip().strip('"') if isinstance(tag, str) else tag


def in_order(value: Any) -> Any:
    """Return `value` with the names of every object in it in one order."""
    if isinstance(value, dict):
        return {name: in_order(value[name]) for name in sorted(value)}
    return [in_order(one) for one in value] if isinstance(value, list | tuple) else value


#: An object as it is kept. The two databases give its names in different orders; it is told in one,
#: so that the same is the same bytes wherever it is kept.
AsKept = Annotated[dict[str, Any], PlainSerializer(in_order, return_type=dict[str, Any])]
