"""How a place text says that an area is meant: `région de Kayes`, `cercle of Diéma`."""

import re

_I = re.IGNORECASE
DIVISION = r"(?:r[ée]gi[oó]n|cercle|circle|province|pr[ée]fecture|wilaya|district|d[ée]partement)"
OF = r"(?:\s+(?:de la|de l['\u2019]|de|du|des|of|d['\u2019])\s*|\s+)"
AREA_BEFORE = re.compile(
    rf"^(?:(?:dans|in) )?(?:tou[ts] |toute )?(?:the |la |le )?{DIVISION}{OF}(?:the )?(.+)$", _I
)
AREA_AFTER = re.compile(rf"^(?:the )?([^,]+?)\s+{DIVISION}$", _I)
_REGION = re.compile(r"\br[ée]gion\b|\bwilaya\b", _I)
_CERCLE = re.compile(r"\b(?:cercle|circle|pr[ée]fecture)\b", _I)


def area_in(text: str) -> str | None:
    """Return the area that a text is about: `cercle de Kolokani, région de Koulikoro`.

    The smaller one is meant, whichever comes first; `Léré, Timbuktu region` is a place.
    """
    found = [
        AREA_BEFORE.match(part.strip()) or AREA_AFTER.match(part.strip())
        for part in text.split(",")
    ]
    if found[0] is None:
        return None
    smaller = next((one for one in found if one and not _REGION.search(one[0])), found[0])
    return said_of(smaller)


def said_of(area: re.Match[str]) -> str:
    """Return the name of an area; that it is a cercle stays said: Kayes is a region, too."""
    name = area[1].strip()
    return f"cercle de {name}" if _CERCLE.search(area[0]) else name
