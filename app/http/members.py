"""Members of JSON objects that stand there twice."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any

from app.core.errors import InvalidError
from app.http.parts import Place, path_to
from app.http.problems import pointer

#: Whoever sends more of them is told of the first few.
_MOST_FAULTS = 20

#: JSON objects in which a name stands twice, and that name.
_Twice = list[tuple[dict[str, Any], str]]


def refuse_twice_named(body: bytes) -> None:
    """Refuse a JSON body with an object in which a name stands twice.

    Python keeps the last of them, others the first (RFC 8259, 4): of two kinds or two places of a
    report one would be lost, and nobody could tell which was meant. What is no JSON at all is left
    to whoever reads it.

    Raises:
        InvalidError: With a pointer to each, at most 20.
    """
    twice: _Twice = []
    try:
        value = json.loads(body, object_pairs_hook=partial(_noted, twice=twice))
    except (ValueError, RecursionError):
        return
    if twice:
        raise InvalidError("A member stands twice; see `errors`.", errors=_faults(value, twice))


def _noted(pairs: list[tuple[str, Any]], *, twice: _Twice) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counted = Counter(name for name, _ in pairs)
        twice.append((found, counted.most_common(1)[0][0]))
    return found


def _faults(value: Any, twice: _Twice) -> list[dict[str, str]]:
    detail = "this stands here twice: say it once"
    names = {id(found): name for found, name in twice}
    places = ((place, names[id(part)]) for place, part in _parts(value) if id(part) in names)
    return [
        {"pointer": pointer(path_to(place)), "detail": detail}
        for place in islice(places, _MOST_FAULTS)
    ]


def _parts(value: Any) -> Iterator[tuple[Place, Any]]:
    """Yield (place, part) of `value` and of all in it, in its order."""
    rest: list[tuple[Place, Any]] = [(None, value)]
    while rest:
        place, found = rest.pop()
        yield place, found
        if isinstance(found, dict):
            rest += [((place, name), child) for name, child in reversed(found.items())]
        elif isinstance(found, list):
            rest += [((place, at), found[at]) for at in reversed(range(len(found)))]
