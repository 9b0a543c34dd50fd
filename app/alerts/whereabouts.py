"""Where it is: between which towns, at which place, on which road. Pure."""

from collections.abc import Sequence

from app.alerts.alert import AlertFacts
from app.alerts.texts import Texts
from app.alerts.voice import Forms, Voice, forms_of
from app.core.text import de
from app.roads.areas import division_name
from app.roads.placing import ends_of


def where(facts: AlertFacts, voice: Voice) -> Forms:
    """Return between which towns: in full, and with the short names of the road."""
    stretch = facts.stretch or facts.ends
    towns = _whole(facts) if set(stretch) == set(facts.ends) else stretch
    full, short = _join(*towns), in_short(towns, voice)
    return (full,) if short == full else (full, short)


def _whole(facts: AlertFacts) -> tuple[str, ...]:
    """Return the towns that name the whole route, and no other one."""
    start, end = facts.ends
    return (start, facts.via, end) if facts.via else (start, end)


def place_label(facts: AlertFacts, texts: Texts) -> str:
    """Return the place as this language says it: "région de Kayes" is "Kayes region"."""
    return said_in(texts, facts.place or "")


def said_in(texts: Texts, label: str) -> str:
    """Return what the roads call a place as a language says it."""
    for prefix, said in texts.areas.items():
        if label.startswith(prefix):
            return said.format(name=label.removeprefix(prefix))
    return label


def in_short(towns: Sequence[str], voice: Voice) -> str:
    """Return a stretch, or a route, with the short names of its towns."""
    return _join(*(voice.short_names.get(town, town) for town in towns))


def whole_in_short(facts: AlertFacts, voice: Voice) -> str:
    """Return what the whole route is called, with the short names of its towns."""
    return in_short(_whole(facts), voice)


def _join(*towns: str) -> str:
    if len(set(towns)) == 1:
        return towns[0]
    separator = " - " if any("-" in town for town in towns) else "-"
    return separator.join(towns)


def road_of(facts: AlertFacts, voice: Voice) -> Forms:
    """Return the number of the road, and of which route the towns named are a part."""
    slots, names = voice.texts.slots, voice.short_names
    road = forms_of(slots["road"].format(road=facts.road) if facts.road else "")
    if facts.stretch is None or set(facts.stretch) == set(facts.ends):
        return (*road, "")
    ends = _join(*(names.get(end, end) for end in facts.ends))
    if facts.road:
        return (slots["road_and_route"].format(road=facts.road, ends=ends), *road, "")
    return (slots["route"].format(ends=ends), "")


def place_of(facts: AlertFacts, voice: Voice) -> Forms:
    """Return where it was, longest first; nothing where the towns of the stretch say so."""
    label = facts.place or ""
    if facts.stretch and ends_of(label) in {facts.stretch, facts.stretch[::-1]}:
        return ()  # said once is enough
    return where_at(label, voice.texts, area=facts.area, km=facts.place_km)


def where_at(label: str, texts: Texts, *, area: bool, km: int | None) -> Forms:
    """Return where it was, longest first: " à Kayes", " près d'Ansongo", " entre Kayes et Diéma".

    Args:
        label: Of a location: a place, a stretch of road or an area.
        texts: Of the language.
        area: Whether it is an area.
        km: How far from the place, 0: near it, None: in it.
    """
    slots, said = texts.slots, said_in(texts, label)
    if not label:
        return ()
    if area:
        bare = division_name(label)  # shorter; without any of it the whole route would be meant
        return tuple(slots["in_area"].format(place=one) for one in dict.fromkeys((said, bare)))
    if ends := ends_of(label):
        return (slots["between"].format(start=ends[0], end=ends[1]),)
    if km is None:
        return (slots["at_place"].format(place=label),)
    near = slots["near_place"].format(place=label, de=de(label))
    far = slots["aside_place"].format(km=km, place=label, de=de(label))
    return (far, near) if km else (near,)
