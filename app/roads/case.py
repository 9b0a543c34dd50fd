"""One query on its way to a place: what it says, taken apart, and what was found so far."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from app.roads.choosing import WELL_KNOWN, Choice, Outcome
from app.roads.folding import name_key
from app.roads.gazetteer import Gazetteer
from app.roads.geometry import rough_km
from app.roads.hints import Context
from app.roads.phrases import Phrase, parse
from app.roads.places import Location, Place, PlaceQuery, Unplaced
from app.roads.placing import at_position, printed

#: `In Delimane` is no misspelt Yélimané, 1,300 km away.
_TUAREG = re.compile(r"\s*i-?n[ -]", re.IGNORECASE)
#: Which part of a town something happened in.
_SIDE = re.compile(
    r"(?:nord|sud|north|south)?[ -]?(?:est|ouest|east|west)?|cent(?:re|er)|plateau", re.IGNORECASE
)
#: What is named beside a village, such as its commune, lies nearer to it than this.
_FAR_BESIDE_KM = 150.0
#: Nothing in a commune lies farther from its seat, nor does a stop of some road that has its name.
_COMMUNE_KM = 80.0
_COMMUNE = re.compile(r"communes?\b", re.IGNORECASE)
#: The precision of a report whose position is that of no place.
_ESTIMATE = "area estimate"
#: What a step answers: None means that the next one should try.
Answer = Location | Unplaced | None


@dataclass(slots=True)
class Case:
    """A query and how far it has come.

    Attributes:
        choice: What the name was found to be; `_name` sets it and later steps heed it.
    """

    query: PlaceQuery
    gazetteer: Gazetteer
    phrase: Phrase = field(init=False)
    context: Context = field(init=False)
    choice: Choice = field(init=False, default=Choice(Outcome.NONE))

    def __post_init__(self) -> None:
        self.phrase = self._without_side(parse(self.query.place or ""))
        self.context = self.gazetteer.context(self.query, self.phrase)

    def _without_side(self, phrase: Phrase) -> Phrase:
        """Return a phrase without the side of a town that is no region: `Nara (nord)`.

        Regions of Burkina Faso are called so: `Gourcy (Nord)` is in one.
        """
        name = (phrase.name or "").partition(",")[0]
        matches = self.gazetteer.names.exact(name_key(name))

        def is_side(beside: Phrase) -> bool:
            text = beside.area or beside.name or ""
            is_far = self.gazetteer.is_far_from
            side = bool(text) and _SIDE.fullmatch(text) is not None
            return side and all(is_far(text, one.place) for one in matches)

        hints = tuple(one for one in phrase.hints if not is_side(one))
        behind = tuple(one for one in phrase.behind if not is_side(one))
        return replace(phrase, hints=hints, behind=behind) if matches else phrase

    def resolve_name(self) -> Choice:
        """Return the first of the ways to read the name that is known; exact ones come first."""
        chooser, names = self.gazetteer.chooser, self.gazetteer.names
        readings = self._readings()
        best = Choice(Outcome.NONE)
        written = [text for text in readings if names.exact(name_key(text))]
        if _TUAREG.match(self.query.place or ""):
            readings = readings[:1]  # no slip in what stands behind an "In" that may be of the name
        for text in written or readings:
            choice = self._by_hint(text) or self._unless_belied(chooser.resolve(text, self.context))
            if choice.outcome is Outcome.ONE:
                return choice
            if best.outcome is Outcome.NONE:
                best = choice
        return best

    def _by_hint(self, text: str) -> Choice | None:
        """`Moussala (Kenieba)`: the division named beside it may tell which of several."""
        if self.context.fit is not None:
            return None
        matches = self.gazetteer.names.exact(name_key(text))
        for beside in self._named_beside() if matches else ():
            context = self.gazetteer.within(self.context, beside)
            choice = self.gazetteer.chooser.choose(matches, context)
            if choice.outcome is Outcome.ONE:
                return choice
        return None

    def _unless_belied(self, choice: Choice) -> Choice:
        """`Farabougou (Niono)`: a village far from the division named is one of another.

        A town is known where it is; so is what lies at the position given.
        """
        if choice.outcome is not Outcome.ONE or self.context.position is not None:
            return choice
        place, beside = choice.match.place, (*self.phrase.hints, *self.phrase.behind)
        communes = [one for one in beside if _COMMUNE.match(one.whole or "")]
        if self._is_far_from(communes, place, _COMMUNE_KM):
            return Choice(Outcome.ELSEWHERE, choice.matches)
        if self.gazetteer.chooser.weight(place) >= WELL_KNOWN and not choice.match.slips:
            return choice
        names = self._named_beside()
        far = bool(names) and all(self.gazetteer.is_far_from(name, place) for name in names)
        if far or self._is_far_from(beside, place, _FAR_BESIDE_KM):
            return Choice(Outcome.ELSEWHERE, choice.matches)
        return choice

    def _is_far_from(self, beside: Iterable[Phrase], place: Place, km: float) -> bool:
        """Return whether a place lies farther than `km` from one of what is named beside it.

        `Farabakouta (commune de Pogo)`: not the one of its name at the other end of Mali.
        """
        names = (one.name for one in beside if one.name and not one.stretch)
        known = (self.gazetteer.names.exact(name_key(n)) for n in names if not self._is_division(n))
        return any(
            matches and all(rough_km(m.place.position, place.position) > km for m in matches)
            for matches in known
        )

    def _named_beside(self) -> list[str]:
        """Return the divisions that stand in parentheses or behind a comma."""
        said = (hint.area or hint.name for hint in (*self.phrase.hints, *self.phrase.behind))
        return [name for name in said if name and self._is_division(name)]

    def _is_division(self, name: str) -> bool:
        """Return whether a division is meant: `Fourou` is a town, and no misspelt `Sourou`."""
        gazetteer = self.gazetteer
        written = bool(gazetteer.areas.named(name)) or not gazetteer.names.exact(name_key(name))
        return written and bool(gazetteer.region(name))

    def _readings(self) -> list[str]:
        """Return the name as written, without words that say what it is, and before a comma."""
        whole, name = self.phrase.whole, self.phrase.name
        readings = [whole, name] if name else []
        if name and "," in name:
            first = name.partition(",")[0]
            readings += [first, parse(first).name or ""]
        return list(dict.fromkeys(text for text in readings if text))

    def says_a_place(self) -> bool:
        """Return whether the place text gives a spot or stretch, known or not."""
        return bool(self.phrase.name or self.phrase.parts or self.phrase.offset)

    def only_a_direction(self) -> bool:
        """Return whether the text is like `Roads to Bamako`: a road with one end."""
        return self.phrase.stretch and not self.phrase.parts

    def at_filed_position(self, how: str, label: str | None = None) -> Location | None:
        """Return the filed position, called what the report calls it; None when there is none."""
        if self.query.position is None:
            return None
        label = label or (printed(self.phrase.whole) if self.phrase.whole else None)
        found = at_position(self.query.position, self.gazetteer, how, label=label)
        if label is None and found.aside_km is None and self.query.precision == _ESTIMATE:
            return replace(found, aside_km=0.0)
        return found

    def named(self, place: Place) -> bool:
        """Return whether `place` is among what the name was found to be."""
        return any(match.place.id == place.id for match in self.choice.matches)
