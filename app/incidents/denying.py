"""Whether a report denies what it is filed as: "le gouverneur dément tout blocus de la ville"."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from app.core.errors import ConfigError
from app.incidents.opening_words import are_names
from app.incidents.report import Family
from app.roads.folding import fold

_SENTENCE = re.compile(r"[.;!?\n]")
_BREAK = re.compile(r"[,:]")
_ELIDED = re.compile(r"\b[ld]['\u2019]", re.IGNORECASE)
#: Good news that is denied stands within so many words behind the verb.
_WORDS = 12
#: They turn what they stand beside: "pas une fausse alerte", "nobody denies", "malgré le démenti".
_NOT = frozenset(
    "pas not no ne aucun aucune personne nobody jamais never sans malgre despite".split()  # noqa: SIM905
)
#: Before a danger they say that there was none: "aucune attaque à Fana", "il n'y a pas de barrage".
_NONE = frozenset({"aucun", "aucune", "nulle", "pas", "no"})
#: What may come before that: "il n'y a pas eu d'attaque", "on ne signale aucun barrage".
_THERE = frozenset(
    """il n ny ne na y a eu ya there was were has is are been on nous we signale signalons et and
    ni or ou""".split()  # noqa: SIM905
)
#: Behind it: where, when, or that it has not been told. "Pas d'attaque plus meurtrière" is one.
_NO_MORE = frozenset(
    """a at in on sur dans pres near vers autour entre between contre hier ce cette aujourdhui
    today yesterday lieu na ny nont ne was were has have signale signalee reported ,""".split()  # noqa: SIM905
)
#: "Aucune attaque ne cesse": what is said of none is not that it was.
_ENDS_NO_MORE = frozenset({"cesse", "cessera", "finit", "stops", "ends", "stopped"})
#: Behind one of these stands what is said of none; unless it is this, a danger is told: "aucune
#: attaque n'a été aussi meurtrière", "no roadblock was removed".
_VERBS = frozenset("na nont ne ny was were has have had".split())  # noqa: SIM905
_AUXILIARY = frozenset("a eu ete ont nous encore been yet".split())  # noqa: SIM905
_HELD = frozenset(
    """lieu signale signalee signales signalees rapporte rapportee rapportees enregistre enregistree
    constate constatee produit produite reported recorded seen happened occurred taken""".split()  # noqa: SIM905
)
#: Another attack, or more of it, was: whoever says that there was no new one denies none.
_ONE_MORE = frozenset("nouvelle nouvelles nouveau nouveaux new".split())  # noqa: SIM905
#: What somebody says that he only heard of, and then denies: "rumeur d'attaque : le préfet dément".
_RUMOURS = frozenset("rumeur rumeurs rumour rumours rumor rumors".split())  # noqa: SIM905
#: Then the sentence ends, or says by whom it is denied.
_BY_WHOM = frozenset({",", "par", "by"})
#: It was elsewhere, or went on: "pas de barrage à Fana, il est à Konobougou".
_GOES_ON = frozenset("il ils elle elles they it aussi as".split())  # noqa: SIM905
#: Or there was one, or none but one: "aucune attaque à Fana sauf celle de ce matin".
_SAVE = frozenset(
    """sauf except excepte excepted hormis hors part apart outre celle celui celles ceux one ones
    depuis since avant before until till jusqua jusquau seulement only unless sinon plus than comme
    like pareil pareille pareils pareilles autre autres other others besides plutot
    instead""".split()  # noqa: SIM905
)
#: "Aucun bus n'a été attaqué à Fana", as sure as "aucune attaque"; none "brûlé" may have been hit.
_OF_ROADS = frozenset(
    """bus car cars camion camions citerne citernes convoi convois vehicule vehicules voiture
    voitures truck trucks tanker tankers coach coaches convoy convoys vehicle vehicles""".split()  # noqa: SIM905
)
_WAS = frozenset("na nont a ont ete was were has have been".split())  # noqa: SIM905
_ATTACKED = frozenset("attaque attaquee attaques attaquees attacked ambushed".split())  # noqa: SIM905
_AT = frozenset("on in at near sur dans vers pres".split())  # noqa: SIM905
#: What is said of what was told before it: "... ; fact-check finds it untrue". See `_is_debunked`.
_UNTRUE = frozenset("untrue false fake faux fausse infondee infonde baseless debunked".split())  # noqa: SIM905
_THIS = frozenset(
    """it this that is was finds found as by a the all fact check checks factcheck checkers cest
    ce cela est etait tout la le information nouvelle news claim story""".split()  # noqa: SIM905
)
_HEARSAY = frozenset({*_RUMOURS, "viral", "virale", "virales", "virals", "whatsapp"})
#: One that is false is of bandits, "le barrage de Fana est faux", unless it is the news of one.
_BLOCKS = frozenset("barrage barrages checkpoint checkpoints roadblock roadblocks".split())  # noqa: SIM905
_FALSE = frozenset("faux false".split())  # noqa: SIM905
_NEWS = frozenset(
    """information informations annonce annonces nouvelle nouvelles news report reports""".split()  # noqa: SIM905
)
#: What is rumoured of a danger that is over: who calls that untrue says that it is not.
_WELL = frozenset(
    """safe sur sure libre libres free calme calm passable passe passes repousse repoussee
    repelled foiled dejoue dejouee neutralise neutralises parti partis gone left quitte retrait
    retire retires withdrawal withdrawn withdrew depart partent fuite fui fuient fled chasse chasses
    abandonne abandonnent evacue evacues termine terminee finie ended ends annule annulee cancelled
    demantele demantelee demanteles dismantled degage degagee cleared debloque debloquee allege
    desamorce desamorcee defused cesse stopped rendus surrender""".split()  # noqa: SIM905
)
#: Beside "aucune attaque", behind a comma or in another sentence: who says so, or that all is well.
#: Anything else there may be a danger by a word that is on no list.
_SAYS_SO = frozenset(
    """dit disent selon affirme affirment assure assurent annonce declare precise indique says say
    said according told rumeur rumeurs rumour rumours rumor rumors calme calm quiet normal normale
    normalement libre libres rien ras""".split()  # noqa: SIM905
)
#: That there are none says nothing of the attack in which somebody might have been taken.
_OF_AN_ATTACK = frozenset({"otage", "otages", "hostage", "hostages"})
#: "Le blocus est démenti. Personne ne passe." Whoever says that does not believe it.
_MOVES = frozenset(
    """passe passent passer arrive arrivent arriver circule circulent circuler roule roulent rouler
    sort sortent sortir bouge bougent part partent pass passes passing passed through arrives
    arriving arrived move moves moving moved""".split()  # noqa: SIM905
)
_NOTHING = frozenset("ne n no not none nobody nothing cannot cant".split())  # noqa: SIM905
#: Right behind it, as most people say it: "les camions passent pas".
_NO_LONGER = frozenset({"pas", "plus"})
#: So many words before what moves: "no truck from there gets through".
_BEFORE_IT = 5
#: A danger named before one of `hoaxes` is that hoax: "l'attaque de Fana est une fausse alerte".
_IS = frozenset("est cest etait cetait sont etaient is was are were its".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True, kw_only=True)
class DenyWords:
    """How people deny; folded words.

    Attributes:
        verbs: "dement". `own`: behind one, somebody denies what is said of himself ("dément avoir
            tiré"), or of where ("mais à Konobougou"), and it happened all the same.
        between: What may stand between one and what is denied: "tout", "rumeurs de".
        hoaxes: What says by itself that nothing happened: "fausse alerte". `unheld`: the same, of
            what is named right before: "n'a pas eu lieu".
        dangers: What is denied where a danger is: "blocus". `events`: what else says that something
            happened: "tués". `good`: what is denied where good news is: "levée".
    """

    verbs: Sequence[str]
    own: Sequence[str]
    between: Sequence[str]
    hoaxes: Sequence[str]
    unheld: Sequence[str]
    dangers: Sequence[str]
    events: Sequence[str]
    good: Sequence[str]

    def denies(self, text: str, family: Family) -> bool:
        """Return whether `text`, filed as news of `family`, says but that there is no such thing.

        Who denies that a blockade was lifted says that it stands. A danger is silent only where it
        is itself what is denied, and nothing else in the text says that something happened: not in
        "denied passage at a roadblock", nor in "dément la fin du blocus".
        """
        good = family is Family.POSITIVE
        parts = _SENTENCE.split(_ELIDED.sub("", text))
        if not good and self._is_debunked([part for part in parts if part.strip()]):
            return True
        read = [self._read(part, good=good) for part in parts]
        if True not in read or False in read:
            return False
        # where nobody denies, "Ils ont pris le chauffeur. Aucune explosion." tells of a danger
        else_told = [part for part, none in zip(parts, read, strict=True) if not none]
        if not good and any(map(stands_still, else_told)):
            return False
        return good or self._is_denial(text) or all(map(self._is_well, map(_split, else_told)))

    def _is_debunked(self, parts: Sequence[str]) -> bool:
        """Return whether a rumour of a danger is told, and then but that it is not true."""
        first, *others = map(_split, parts or [""])
        told = (*self.events, *self.own, *self.good, *_WELL, *_NOT)
        rumour = self._names(first, self.dangers) and not _HEARSAY.isdisjoint(first)
        untrue = bool(others) and all(map(self._is_untrue, parts[1:]))
        return rumour and untrue and not self._names(first, told)

    def _is_untrue(self, text: str) -> bool:
        """Return whether `text` says but "c'est faux", and perhaps who says so."""
        first, *others = _clauses(_marked(text).split())
        untrue = not _UNTRUE.isdisjoint(first) and (_UNTRUE | _THIS).issuperset(first)
        return untrue and all(map(self._is_well, others))

    def _is_denial(self, text: str) -> bool:
        """Return whether somebody denies by a word for it; "aucun" and "une rumeur" are none."""
        marked = f" {_marked(text)} "
        return any(f" {one} " in marked for one in (*self.verbs, *self.hoaxes))

    def _is_well(self, said: Sequence[str]) -> bool:
        """Return whether `said` is but who says so, or that all is well."""
        by_rumour, _ = self._without_rumour(said)
        told = self._names(by_rumour, (*self.dangers, *self.events, *self.own))
        return not said or not (told or _SAYS_SO.isdisjoint(said))

    def _read(self, text: str, *, good: bool) -> bool | None:
        """Return True where a sentence denies, False where it says that something happened."""
        marked = f" {_marked(text)} "
        for words in (*self.hoaxes, *self.unheld):
            ahead, found, after = marked.partition(f" {words} ")
            if found:
                return self._read_hoax(ahead.split(), after.split(), words, good=good)
        said = marked.split()
        if not good and self._tells_of_none(said):
            return True
        at = next((n for n, word in enumerate(said) if word in self.verbs), None)
        if at is None:
            happened = self.good if good else (*self.dangers, *self.events)
            return False if self._names(said, happened) else None
        behind = said[at + 1 :]
        before, rumoured = self._without_rumour(said[:at])
        if rumoured and not good and _BY_WHOM.issuperset(behind[:1]):
            well = self._names(before, _WELL)  # "rumeur d'attaque repoussée démentie par un élu"
            return not well and not self._tells_else((*before, *behind))
        denied, rest = self._object(behind)
        danger = self._names(denied, self.dangers) and not self._names(denied, self.good)
        if good:
            about_it = self._names(behind[:_WORDS], self.good) and _NOT.isdisjoint(before)
            return None if danger else about_it or None
        else_told = (*self.own, *self.good, *self.dangers, *self.events)
        told = self._names(before, (*self.dangers, *self.events, *_NOT))
        return danger and not told and not self._names(rest, else_told)

    def _read_hoax(
        self, before: Sequence[str], behind: Sequence[str], words: str, *, good: bool
    ) -> bool:
        """Return whether `words` say of all that is told in a sentence that it did not happen."""
        said = (*before, *behind)
        if not _NOT.isdisjoint(before[-2:]) or self._names(said, self.own):
            return False
        if good:
            return True
        if self._names(said, self.events):
            return False
        if words in self.unheld:
            named = self._is_all_of(before, behind, words)
        else:
            named = not self._names(before, self.dangers) or not _IS.isdisjoint(before[-2:])
        else_told = self._names(said, self.good) or self._names(
            self._object(behind)[1], self.dangers
        )
        return named and not else_told

    def _is_all_of(self, before: Sequence[str], behind: Sequence[str], words: str) -> bool:
        """Return whether a danger is all that is told before `words`, and nothing is behind them.

        "L'attaque est une rumeur persistante" and "..., deux camions flambent" tell of one.
        """
        about, where = self._object(before)
        where = [word for word in where if word not in _AT]
        named = self._names(about, self.dangers) and len(where) <= 1
        apart = self._names(self._object(behind)[0], self.dangers) or "pas" in behind
        if apart or self._names((*where, *behind), _SAVE) or self._names(before, _WELL):
            return False
        if (last := words.rsplit(maxsplit=1)[-1]) in _UNTRUE | _RUMOURS:
            # "est faux poste de police" is a checkpoint of somebody
            held = last in _FALSE and self._names(about, _BLOCKS)
            held = held and not self._names(about, (*_NEWS, *_RUMOURS))
            named = named and not held and {*behind[:1]} <= {",", *_SAYS_SO}
        return named and all(map(self._is_well, _clauses(behind)[1:]))

    def _tells_of_none(self, said: Sequence[str]) -> bool:
        """Return whether all that a sentence tells is that there was no such danger."""
        at = next((n for n, word in enumerate(said) if word in _NONE), None)
        if at is None or not self._ahead_of_none(said[:at]):
            return False
        denied, rest = self._object(_of_attacked(said[at:]))
        if not self._names(denied, self.dangers) or self._names(
            denied, (*self.good, *_OF_AN_ATTACK)
        ):
            return False
        # "pas seulement un barrage", "no fuel blockade at": it is something else that is not
        named = {*self.between, *self.dangers, *_NONE} - _ONE_MORE
        ends = not rest or denied[-1] == "a" or rest[0] in _NO_MORE
        return (
            ends
            and named.issuperset(denied)
            and not self._tells_else(rest)
            and not self._names(rest, (*_ENDS_NO_MORE, *_GOES_ON, *_SAVE))
            and _is_all(rest)
        )

    def _ahead_of_none(self, said: Sequence[str]) -> bool:
        """Return whether what comes before "aucune attaque" is grammar, or who says so, a comma."""
        *before, last = _clauses(said)
        return _THERE.issuperset(last) and all(map(self._is_well, before))

    def _without_rumour(self, said: Sequence[str]) -> tuple[Sequence[str], bool]:
        """Return `said` without the danger that it calls a rumour, and whether there is one."""
        at = next((n for n, word in enumerate(said) if word in _RUMOURS), None)
        if at is None:
            return said, False
        about, rest = self._object(said[at:])
        found = self._names(about, self.dangers) and not self._names(about, self.good)
        return ((*said[:at], *rest), True) if found else (said, False)

    def _tells_else(self, said: Sequence[str]) -> bool:
        """Return whether the words tell that something happened, or who says otherwise."""
        told = (*self.own, *self.good, *self.dangers, *self.events)
        return self._names(said, told) or not (_NOT - {"sans"}).isdisjoint(said)

    def _object(self, said: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
        """Return what is spoken of at the beginning of `said`, and what follows that.

        Behind a comma or a colon it is denied only by a word of its own: "dément : aucun barrage".
        """
        start = 1 if said[:1] == [","] else 0
        known = {*self.between, *self.dangers, *self.good}
        end = start
        while end < len(said) and (said[end] in known or (end and said[end - 1] in _NOT)):
            end += 1
        if start and _NOT.isdisjoint(said[start:end]):
            return (), said
        return said[start:end], said[end:]

    @staticmethod
    def _names(said: Sequence[str], words: Collection[str]) -> bool:
        return not set(words).isdisjoint(said)


def _of_attacked(said: Sequence[str]) -> Sequence[str]:
    """Return "aucun bus n'a été attaqué" as "aucun attaqué"; anything else as it is."""
    at = 1
    while at < len(said) and said[at] in (_OF_ROADS if at == 1 else _WAS):
        at += 1
    was = at > 2 and at < len(said) and said[at] in _ATTACKED  # noqa: PLR2004 - a noun, and a verb
    return (said[0], *said[at:]) if was else said


def _is_all(rest: Sequence[str]) -> bool:
    """Return whether `rest` says but where and when it was not, and who says so.

    "Pas de barrage à Fana c'est à Konobougou" has two parts, and no comma.
    """
    first, *others = _clauses(["," if word == "cest" else word for word in rest])
    at = max((n for n, word in enumerate(first) if word in _VERBS), default=len(first))
    said = next((word for word in first[at + 1 :] if word not in _AUXILIARY), None)
    return said in _HELD | {None} and not any(one and _SAYS_SO.isdisjoint(one) for one in others)


def stands_still(text: str) -> bool:
    """Return whether a sentence says that nothing moves: "les camions n'arrivent pas"."""
    said = _split(text)
    return any(
        (word in _MOVES and not _NOTHING.isdisjoint(said[max(0, at - _BEFORE_IT) : at]))
        or (word[:1] == "n" and word[1:] in _MOVES)
        or (word in _MOVES and not _NO_LONGER.isdisjoint(said[at + 1 : at + 2]))
        for at, word in enumerate(said)
    )


def _split(text: str) -> list[str]:
    return _marked(text).replace(",", " ").split()


def _clauses(said: Sequence[str]) -> list[list[str]]:
    """Return what stands between commas."""
    found: list[list[str]] = [[]]
    for word in said:
        if word == ",":
            found.append([])
        else:
            found[-1].append(word)
    return found


def _marked(text: str) -> str:
    """Return `text` folded, with a comma as a word where one part of the sentence ends."""
    return " , ".join(fold(part) for part in _BREAK.split(text))


def deny_words(table: object, where: str) -> DenyWords | None:
    """Return the words of a parsed TOML table; without it nothing is read as a denial.

    Raises:
        ConfigError: A list is missing, unknown or empty, or a word is not folded.
    """
    if table is None:
        return None
    names = [one.name for one in fields(DenyWords)]
    if not isinstance(table, Mapping) or {*table} != {*names}:
        raise ConfigError(f"{where}: exactly {', '.join(names)}")
    lists: dict[str, Any] = {name: table[name] for name in names}
    for name, words in lists.items():
        if not are_names(words) or any(fold(one) != one for one in words):
            raise ConfigError(f"{where} {name}: words in small letters without accents and signs")
    return DenyWords(**{name: tuple(words) for name, words in lists.items()})
