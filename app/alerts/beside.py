"""What is said beside what happened: of other cargoes, other roads and other dangers. Pure."""

from app.alerts.alert import AlertFacts, Reason
from app.alerts.texts import Texts
from app.alerts.titles import compact
from app.alerts.voice import Forms, Voice
from app.alerts.whereabouts import in_short, whole_in_short
from app.core.levels import Level


def cargo_of(facts: AlertFacts, texts: Texts) -> Forms:
    """Return which cargo it is about, with the others of which the same is said."""
    own = texts.cargoes.get(facts.cargo, (facts.cargo,))
    alike = own
    if facts.with_cargoes:
        codes = {facts.cargo, *facts.with_cargoes}
        names = ", ".join(words[-1] for code, words in texts.cargoes.items() if code in codes)
        whole = codes == set(texts.cargoes)
        full = texts.slots["cargo_all"] if whole else names
        alike = (full,) if whole else (full, texts.slots["cargo_more"].format(cargo=own[-1]))
    if not facts.also:
        return alike
    lower: dict[str, list[str]] = {}
    for code, level in facts.also:
        words = texts.cargoes.get(code, (code,))
        lower.setdefault(texts.levels[level].name, []).append(words[-1])
    also = ", ".join(
        texts.slots["cargo_at"].format(cargoes=", ".join(names), level=level)
        for level, names in lower.items()
    )
    return (alike[0] + texts.slots["cargo_also"].format(also=also), *alike)


def disputed(facts: AlertFacts, texts: Texts) -> str:
    """Return that others say the opposite, and what; "" where nobody does."""
    kind = texts.kinds.get(facts.disputed or "")
    return texts.slots["disputed"].format(event=kind.event) if kind else ""


def held(facts: AlertFacts, voice: Voice) -> Forms:
    """Return what the level is due to, where the words are about something less."""
    texts = voice.texts
    kind = texts.kinds.get(facts.held_kind or "")
    event = kind.event if kind is not None else ""
    if texts.level_said(facts) is not facts.level:
        at = facts.held_at
        where = in_short(at, voice) if at is not None else whole_in_short(facts, voice)
        level = texts.levels[facts.level].name
        said = (one.format(level=level, event=event, where=where) for one in texts.worse_at)
        return (*(tuple(said) if event else tuple(said)[-1:]), "")
    if not event or facts.held_certainty is None:
        return ("",)
    if facts.held_at is not None:
        event = f"{event}, {in_short(facts.held_at, voice)}"
    certain = texts.certainty[facts.held_certainty].name
    full = texts.slots["held"].format(event=event, certain=certain)
    return (full, texts.slots["held_short"].format(event=event), "")


def lifted(facts: AlertFacts, voice: Voice) -> Forms:
    """Return what has ended, and where: whoever waits there may go by it."""
    now = (facts.lifted_kind or "", *(facts.lifted_at or ("", "")))
    said = [
        voice.texts.lifted.format(
            event=voice.texts.kinds[kind].event,
            where=f" {in_short((start, end), voice)}" if start else "",
        )
        for kind, start, end in dict.fromkeys((now, *facts.lifted_too))
        if kind in voice.texts.kinds
    ]
    return tuple("".join(said[:most]) for most in range(len(said), 0, -1)) or ("",)


def alternative_of(facts: AlertFacts, texts: Texts) -> Forms:
    """Return the other road; between ends already named, the towns it goes through say enough.

    Where nobody has news of it, every form says so, and where there is danger, how much; where the
    one named before has become dangerous, every form says that.
    """
    lost = lost_too(facts, texts)
    if not facts.alternative:
        return lost
    level = facts.way_level or Level.LOW
    known = ""
    if facts.alternative_unheard:
        known = "_unheard"
    elif level.rank >= Level.MODERATE.rank and texts.slots["alternative_at"]:
        known = "_at"
    slot = f"alternative{{}}{known}"
    named = _forms(facts.alternative, facts, texts, slot, level=texts.levels[level].name)
    return (*(f"{lost[0]}{form}" for form in named), lost[-1])


def lost_of(facts: AlertFacts, texts: Texts) -> Forms:
    """Return that the other road named before is not to be taken any more."""
    return _no_more(facts.lost, texts, "lost{}") if facts.lost else ("",)


def lost_in_short(facts: AlertFacts, texts: Texts) -> str:
    """Return the same where there is room for little; "" where no road is lost."""
    return _no_more(facts.lost, texts, "lost_too{}")[-1] if facts.lost else ""


def lost_too(facts: AlertFacts, texts: Texts) -> Forms:
    """Return that a road is lost beside what else there is to say; "" where that is all."""
    if not facts.lost or facts.reason is Reason.WAY_LOST:
        return ("",)
    return _no_more(facts.lost, texts, "lost_too{}")


def _no_more(title: str, texts: Texts, slot: str) -> Forms:
    """Return how a road is taken back: by the towns it goes through, as most were told of it."""
    towns = title.split(" - ")[1:-1]
    if not towns:
        return (texts.slots[slot.format("")].format(alternative=compact(title)),)
    by = texts.slots[slot.format("_via")]
    return tuple(
        dict.fromkeys(by.format(via=compact(via)) for via in (" - ".join(towns), towns[0]))
    )


def _forms(title: str, facts: AlertFacts, texts: Texts, slot: str, *, level: str) -> Forms:
    """Return how a road is named, longest first: between ends already named, by its towns."""
    title = compact(title)
    full = texts.slots[slot.format("")].format(alternative=title, level=level)
    for start, end in filter(None, (facts.ends, facts.stretch)):
        via = title.removeprefix(f"{start}-").removesuffix(f"-{end}")
        if title == f"{start}-{via}-{end}":
            by = texts.slots[slot.format("_via")]
            towns = (via, via.split("-")[0])
            return tuple(dict.fromkeys((full, *(by.format(via=one, level=level) for one in towns))))
    return (full,)
