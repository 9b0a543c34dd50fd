"""What a report may speak of: the kinds of config/kinds.toml."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process

from app.core.errors import ConfigError
from app.incidents.figures import MOST
from app.incidents.report import Family
from app.incidents.words import fold

#: How alike two kinds are when two people name one event: same word, neighbours, one family.
SAME, NEAR, FAMILY, STRANGE = 1.0, 0.6, 0.2, 0.0
#: Below this likeness (0..100) no other kind is offered for an unknown one; nor where it is further
#: behind the best: who wrote "road_closed" is not helped by every kind with "road" in it.
_SUGGEST_FROM = 65
_SUGGEST_BEHIND = 9
#: So many are offered at most; each may be found by several names.
_SUGGESTED = 3
#: `area` and `expires_days` say nothing to this version; a file that has them is still read.
_KEYS = {
    "family", "fr", "en", "also", "serious", "area", "expires_days", "near", "apart", "answers",
    "counts", "yields", "whole", "carried_out", "unlike",
    "issued",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of event.

    Attributes:
        also: What else people call it: offered to who writes one of these as a kind.
        serious: It counts as a serious incident in the hazard of a road.
        near: Kinds that two people may use for one event, even across families.
        apart: Never taken for an event of another kind: what follows it is told by itself.
        unlike: Kinds of its family that are never its event: nobody calls a kidnapping a mine.
        answers: Kinds it may end (positive kinds only).
        counts: What a bare number counts in a report of it: "vehicles", "fatalities", "abducted".
        yields: Kinds that are held in place of it where they are said as often: they are worse.
        whole: Said of all of a road and not of a spot on it, as who no longer drives it says it.
        carried_out: Kinds by which others say that what was announced is now done.
        issued: It is the word of whoever gives it out, and that of another is another one.
    """

    code: str
    family: Family
    label_fr: str
    label_en: str
    serious: bool
    near: frozenset[str]
    apart: bool
    answers: frozenset[str]
    counts: str | None = None
    also: tuple[str, ...] = ()
    yields: frozenset[str] = frozenset()
    whole: bool = False
    carried_out: frozenset[str] = frozenset()
    unlike: frozenset[str] = frozenset()
    issued: bool = False

    def __post_init__(self) -> None:
        """Refuse a kind that is near another and unlike it.

        Raises:
            ValueError: It is.
        """
        if both := self.near & self.unlike:
            raise ValueError(f"{min(both)!r} is either near or unlike")

    def label(self, language: str) -> str:
        """Return the label in `language`; French where there is no other."""
        return self.label_en if language == "en" else self.label_fr


@dataclass(frozen=True, slots=True, eq=False)
class Kinds:
    """Every kind, by code; read once, so it is equal to itself alone."""

    by_code: Mapping[str, Kind]

    def __contains__(self, code: object) -> bool:
        return code in self.by_code

    def __iter__(self) -> Iterator[Kind]:
        return iter(self.by_code.values())

    def __getitem__(self, code: str) -> Kind:
        return self.by_code[code]

    def find(self, code: str) -> Kind | None:
        """Return the kind, None when there is no such."""
        return self.by_code.get(code)

    def is_of_whole_roads(self, code: str | None) -> bool:
        """Return whether what is of this kind is said of all of a road: see `Kind.whole`."""
        kind = self.by_code.get(code or "")
        return kind is not None and kind.whole

    def affinity(self, one: str, other: str) -> float:
        """Return how well two kinds fit one event: SAME, NEAR, FAMILY or STRANGE."""
        if one == other:
            return SAME
        first, second = self.by_code.get(one), self.by_code.get(other)
        if first is None or second is None or first.apart or second.apart:
            return STRANGE
        if other in first.near or one in second.near:
            return NEAR
        return FAMILY if first.family is second.family else STRANGE

    def are_unlike(self, one: str, other: str) -> bool:
        """Return whether what is of one kind is never called by the other: see `Kind.unlike`."""
        first, second = self.by_code.get(one), self.by_code.get(other)
        if first is None or second is None:
            return False
        return other in first.unlike or one in second.unlike

    def held(self, said: Mapping[str, int], kind: str, before: str | None = None) -> str:
        """Return the kind to hold of what was said how often: `kind`, or a worse one said as often.

        Which of two reports comes in first must not decide that a robbery is told where another
        says that tankers were taken. `before`: the kind held so far. A blockade that was announced
        and is then told to be there is no mere roadblock, gone in some days, for being told often.
        """
        announced = self.find(before or "")
        if announced and kind in announced.carried_out and announced.code in said:
            return announced.code
        found = self.find(kind)
        worse = found.yields if found else ()
        return next((one for one in said if one in worse and said[one] == said[kind]), kind)

    def families_near(self, code: str) -> frozenset[Family]:
        """Return the families in which an incident of a report of this kind may stand.

        An incident stands under the kind said first or most, and may have been told under another
        that is near both: a killing fits the attack on a town that was filed as fighting first.
        """
        told = {near for one in self._near(code) for near in self._near(one)}
        return frozenset(self.by_code[one].family for one in told)

    def _near(self, code: str) -> frozenset[str]:
        """Return `code` and the kinds that two people may use for one event of it."""
        kind = self.by_code[code]
        return frozenset({code, *kind.near, *(one.code for one in self if code in one.near)})

    def suggest(self, text: str) -> tuple[str, ...]:
        """Return the codes of which a name is most like `text`, best first."""
        wanted = fold(text.replace("_", " "))[:80]
        names = {
            (kind.code, name): fold(name)
            for kind in self
            for name in (kind.code.replace("_", " "), kind.label_fr, kind.label_en, *kind.also)
        }
        found = process.extract(
            wanted, names, scorer=fuzz.WRatio, score_cutoff=_SUGGEST_FROM, limit=3 * _SUGGESTED
        )
        near = [key[0] for _, score, key in found if score >= found[0][1] - _SUGGEST_BEHIND]
        return tuple(dict.fromkeys(near))[:_SUGGESTED]


def parse(table: Mapping[str, Any], *, file: str) -> Kinds:
    """Return the kinds of a parsed TOML table.

    Raises:
        ConfigError: A kind lacks a key, has one too many, or names a kind or family unknown.
    """
    kinds = {code: _kind(code, entry, file) for code, entry in table.items()}
    for kind in kinds.values():
        if kind.apart and kind.near:
            raise ConfigError(f"{file}: [{kind.code}] is either apart or near others")
        for other in kind.near | kind.answers | kind.yields | kind.carried_out | kind.unlike:
            if other not in kinds:
                raise ConfigError(f"{file}: [{kind.code}] names the unknown kind '{other}'")
        if kind.counts not in (None, *MOST):
            raise ConfigError(f"{file}: [{kind.code}] counts: one of {', '.join(MOST)}")
        if kind.answers and kind.family is not Family.POSITIVE:
            raise ConfigError(f"{file}: [{kind.code}] answers: only positive kinds answer others")
    if not kinds:
        raise ConfigError(f"{file}: no kind is defined")
    return Kinds(kinds)


def _kind(code: str, entry: Any, file: str) -> Kind:
    where = f"{file}: [{code}]"
    if not isinstance(entry, Mapping):
        raise ConfigError(f"{where} is not a table")
    if unknown := set(entry) - _KEYS:
        raise ConfigError(f"{where} has the unknown key '{min(unknown)}'")
    try:
        return Kind(
            code=code,
            family=Family(entry["family"]),
            label_fr=str(entry["fr"]),
            label_en=str(entry["en"]),
            serious=bool(entry["serious"]),
            near=frozenset(entry.get("near", ())),
            apart=bool(entry.get("apart", False)),
            answers=frozenset(entry.get("answers", ())),
            counts=entry.get("counts"),
            also=tuple(entry.get("also", ())),
            yields=frozenset(entry.get("yields", ())),
            whole=bool(entry.get("whole", False)),
            carried_out=frozenset(entry.get("carried_out", ())),
            unlike=frozenset(entry.get("unlike", ())),
            issued=bool(entry.get("issued", False)),
        )
    except KeyError as missing:
        raise ConfigError(f"{where} lacks {missing}") from missing
    except (TypeError, ValueError) as wrong:
        raise ConfigError(f"{where}: {wrong}") from wrong
