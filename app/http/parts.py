"""Where a part of a JSON value stands, kept so that its cost follows the size of the whole.

A path that each part has for itself costs, in brackets a thousand deep, a thousand times what was
sent: 64 KiB, of somebody who had shown no key, took 200 MB and half a second.
"""

from typing import Any, TypeAlias

Step: TypeAlias = str | int

#: The step to a part, behind where that stands which it is in; None: it is the whole.
Place: TypeAlias = tuple[Any, Step] | None


def path_to(place: Place) -> list[Step]:
    """Return the steps from the whole to a part."""
    path: list[Step] = []
    while place is not None:
        place, step = place
        path.append(step)
    return path[::-1]
