"""Takes off a place text what tells what the place is: `poste de péage de`, `near`, `bridge`."""

import re

_I = re.IGNORECASE
#: `au niveau du` `poste de péage de` `la ville de` Fana: so many are taken off.
_NESTED = 3
#: `de`, `du`, `d'`: between what is said of a name and the name.
_LINK = r"(?:\s+(?:de la|de l['\u2019]|de|du|des|of|to|in|at)\s+|\s+d['\u2019])"
_BEFORE = re.compile(
    r"^(?:(?:sur|on|[àa]|at|in|dans|en|au|aux)\s+)?(?:la |le |les |the |une? |an? |l['\u2019])?"
    r"(?:communes?|villes?|centre(?:[ -]ville)?|villages?|towns?|city|pont|for[êe]t|"
    r"poste(?: de (?:contr[ôo]le|p[ée]age)|[ -]fronti[èe]re| frontalier)?|check-?point|"
    r"march[ée]|mine(?: d['\u2019]or)?|site(?: d['\u2019]orpaillage)?|(?:military )?(?:base|camp)|"
    r"entr[ée]e|entry|sortie|exit|entrance|outskirts|banlieue|suburbs?|capitale|"
    r"localit[ée]s?|locality|hameaux?|quartier|zone|"
    r"secteur|p[ée]riph[ée]rie|fronti[èe]re|port|gare|a[ée]roport|carrefour|croisement|"
    r"rond-point|border (?:post|crossing)|embranchement|p[ée]age|gu[ée]|crossroads?|junction)"
    r"(?:\s+(?:rurale?|urbaine?|militaire|minier|routi[èe]re|hebdomadaire|nord|sud|est|ouest|"
    r"malienne|mauritanienne|s[ée]n[ée]galaise|guin[ée]enne|ivoirienne|burkinab[èe]e?|"
    r"nig[ée]rienne|alg[ée]rienne))?"
    rf"(?:{_LINK}|\s+)",
    _I,
)
_WHICH_WAY = re.compile(r"^vers?\b", _I)
_A_FEW_KM = r"(?:[àa] )?quelques (?:km|kilom[èe]tres|m[èe]tres)"
_AROUND = re.compile(
    rf"^(?:(?:juste|just|tout|un peu|peu|{_A_FEW_KM})\s+)?"
    r"(?:(?:avant|apr[èe]s|before|after|behind|near|around|close to|outside(?: of)?|vers?|"
    r"derri[èe]re|devant)\s+(?:the )?|"
    r"(?:pr[èe]s|proche|cerca|(?:non|pas) loin|autour|en face|du c[ôo]t[ée]|au niveau|"
    r"[àa] (?:la )?(?:hauteur|proximit[ée])|[àa] c[ôo]t[ée]|"
    r"(?:(?:aux|dans les|les)\s+)?(?:environs|alentours|abords|portes)|"
    rf"(?:in )?(?:the )?vicinity){_LINK})|^{_A_FEW_KM}{_LINK}",
    _I,
)
_AFTER = re.compile(
    r"[\s-]+(?:bridge|commune|town|village|locality|city|forests?|market|crossing|quarry|"
    r"(?:gold )?(?:mine|project)|(?:military )?(?:camp|base)|cement (?:plant|factory|works)|"
    r"border(?: post)?|check-?point|toll(?: (?:station|gate))?|junction|airport|entrance|"
    r"outskirts|barrage|dam|ferry|bac|gare|sortie|entr[ée]e|exit|"
    r"pont|ville|centre|center|nord|sud|est|ouest|north|south|east|west)$",
    _I,
)
_AREA_WORD = re.compile(
    r"[\s-]+(?:(?:et|and|&)\s+(?:ses\s+|its\s+)?)?"
    r"(?:area|zone|surroundings|sector|environs|alentours)$",
    _I,
)
ARTICLE = re.compile(r"^(?:[àa]|at|in|[àa] la|au|aux)\s+", _I)


def bare_name(text: str) -> tuple[str | None, bool]:
    """Return the name without words that tell what it is, and whether they say "around"."""
    text = text.strip()
    vague = bool(_AREA_WORD.search(text))
    text = _AREA_WORD.sub("", text)
    for _ in range(_NESTED):
        vague = vague or bool(_AROUND.match(text))
        text = _BEFORE.sub("", _AROUND.sub("", text))
    text = ARTICLE.sub("", _AFTER.sub("", _AFTER.sub("", text))).strip(" ,.;:")
    return (text if len(text) > 1 else None), vague


def is_beside(text: str) -> bool:
    """Return whether `text` begins with where from a place it is: `après Diboli`, `near Niéna`.

    `vers Ségou` may be that; behind the number of a road it is which way.
    """
    return _AROUND.match(text) is not None and _WHICH_WAY.match(text) is None
