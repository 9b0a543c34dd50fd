"""The title of a route, as short as it is said. Pure."""

import re

_IN_BRACKETS = re.compile(r"\s*\([^)]*\)")


def compact(title: str) -> str:
    """Return a route title as short as it is said: "Bamako-Kayes-Dakar"."""
    return without_remarks(title).replace(" - ", "-")


def without_remarks(title: str) -> str:
    """Return a route title without what stands in brackets: "Bamako - Kayes - Dakar"."""
    return _IN_BRACKETS.sub("", title).strip()


def title_of(title: str) -> str:
    """Return the title of a route without its remarks, and without the gaps that these leave."""
    towns = (town.strip("- ") for town in without_remarks(title).split(" - "))
    return " - ".join(town for town in towns if town)
