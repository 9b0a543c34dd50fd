"""What is wrong with a field or a parameter, in plain words with how to mend it. Pure."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

_WHOLE = "a whole number is expected, such as 3"
_NUMBER = "a number is expected, such as 2.5"
_TRUTH = "true or false is expected"
_INSTANT = "there is no such day or time; write it like 2026-01-31T08:30:00Z"
_OBJECT = "an object is expected: members in braces"
_LETTERS = "a character of it cannot stand here: leave line breaks and control characters out"

#: An object was expected, and something else came.
_NO_OBJECT = frozenset({"dict_type", "model_type", "model_attributes_type"})

#: By what pydantic calls a fault; slots are members of what it says of it.
WORDS: Mapping[str, str] = {
    "missing": "this is needed, and is not there",
    "extra_forbidden": "there is no member of this name here: leave it out, or see /docs for those"
    " there are",
    "string_type": "a text is expected, in quotes",
    "string_too_short": "at least {min_length} characters are needed",
    "string_too_long": "at most {max_length} characters: shorten it",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": "a whole number is expected: leave the decimals out",
    "int_parsing_size": "this number is too large",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": "this number is too large",
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "too_short": "at least {min_length} needed; {actual_length} given",
    "too_long": "at most {max_length}: send the others apart",
    "list_type": "a list is expected, in brackets",
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "timezone_aware": "say with which offset from UTC, such as 2026-01-31T08:30:00Z",
    "datetime_type": _INSTANT,
    "datetime_parsing": _INSTANT,
    "datetime_object_invalid": _INSTANT,
    "datetime_from_date_parsing": _INSTANT,
}

#: What pydantic calls a text that a check of ours looks at, too, as it calls a list.
_OF_TEXTS = {"too_short": "string_too_short", "too_long": "string_too_long"}

#: What a text must be like, by the pattern that it does not match.
PATTERNS: Mapping[str, str] = {
    r"^\d{4}-(0[1-9]|1[0-2])$": "a month is expected, such as 2025-09",
    r"^(fr|en)$": "must be fr or en",
    r"^([01]\d|2[0-3]):(00|15|30|45)$": "a time to the quarter of an hour is expected, such as"
    " 22:15",
    r"^[\x21-\x7e]+$": "letters without accents, digits and signs only, no spaces",
    r"^[^\x00-\x1f\x7f]*$": _LETTERS,
    r"^[^\x00-\x1f\x7f\u2028\u2029]*$": _LETTERS,
}

_OTHERWISE = "this cannot be accepted here; /docs says what can"


def in_words(fault: Mapping[str, Any]) -> str:
    """Return what one of pydantic's faults means for who sent the value."""
    kind, known = str(fault["type"]), fault.get("ctx", {})
    if kind == "value_error":  # said by one of our own checks
        return str(fault["msg"]).removeprefix("Value error, ")
    if isinstance(fault.get("input"), str):
        kind = _OF_TEXTS.get(kind, kind)
    if kind == "string_pattern_mismatch":
        return PATTERNS.get(known["pattern"], _OTHERWISE)
    return WORDS.get(kind, _OTHERWISE).format_map({name: _plain(it) for name, it in known.items()})


def _plain(bound: object) -> object:
    """Return 90.0 as people write it."""
    return int(bound) if isinstance(bound, float) and bound.is_integer() else bound


def of_another_shape(faults: Collection[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Return which faults are only that a member, which may have several shapes, has another one.

    Of a figure that is a number or an object, -1 is too small; that it is no object helps nobody.
    Looks at each once: a body may have a fault in every entry of a long list.

    Args:
        faults: What pydantic calls each of a body, and its JSON Pointer.
    """
    plain = {where for kind, where in faults if kind not in _NO_OBJECT}
    deeper = {above for _, where in faults for above in _above(where)}
    return frozenset(
        (kind, where)
        for kind, where in faults
        if where in deeper or (kind in _NO_OBJECT and where in plain)
    )


def _above(pointer: str) -> Iterator[str]:
    while pointer:
        pointer = pointer.rpartition("/")[0]
        yield pointer
