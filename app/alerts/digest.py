"""Several alerts in one message: the worst in full, the others named. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from itertools import product

from app.alerts.alert import ENDS, AlertFacts, AlertType, Certainty, Message, Reason
from app.alerts.beside import cargo_of, lost_in_short
from app.alerts.compose import compose, most_segments, with_more
from app.alerts.sms_text import segments, to_gsm7
from app.alerts.templates import Templates
from app.alerts.texts import Texts
from app.alerts.voice import Voice
from app.alerts.way_lost import shares_a_town
from app.alerts.whereabouts import where
from app.core.levels import Level

_LAST = 9
#: SMS that whoever begins to listen gets at most, of what was told to others before.
_MOST_TO_BEGIN_WITH = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One alert, or several of one route that differ in the cargo."""

    facts: AlertFacts
    type: AlertType


def compose_digest(
    alerts: Sequence[Said],
    *,
    channel: str,
    language: str,
    templates: Templates,
    zone: tzinfo,
    public_url: str | None = None,
) -> Message:
    """Return the message that says all `alerts` on `channel` in `language`.

    1. Alerts of one route that differ in the cargo are said once.
    2. The worst is said in full, as it would be alone.
    3. The others are named with road, cargo and level, by the road alone where the rest is as said
       of the worst; a stretch that several routes share once.

    An SMS takes as many parts as it needs: whoever gets it was told all of it. To whoever begins to
    listen it names the worst, and how many there are more. In a language of one
    segment ("fr-x-1") what was in full is only named, too, where that is too long, and what does
    not fit even so is counted.

    Args:
        alerts: At least one, the most important first.
        channel: "sms" or "email".
        language: French is used where there is no wording in it.
        templates: See `load_templates`.
        zone: Of the times in the text.
        public_url: Where the e-mail links to; None: no link.
    """
    first, *others = gathered(alerts)
    words = templates.language(language)
    voice = Voice(texts=words.texts, short_names=templates.short_names, zone=zone)
    message = compose(
        first.facts,
        first.type,
        channel=channel,
        language=language,
        templates=templates,
        zone=zone,
        public_url=public_url,
        others=[(one.facts, one.type) for one in others],
    )
    if not others:
        return message
    if channel != "sms":
        return replace(message, subject=f"{message.subject} (+{len(others)})")
    text = message.text
    if more := _more(message.text, first, others, voice, public_url):
        text += more
        # what costs a further SMS brings along what had no room in the first
        text = with_more(first.facts, first.type, voice, more=more, at_most=segments(text)) or text
    if most_segments(language) == 1 and segments(text) > 1:
        text = in_one_segment([first, *others], voice)
    return replace(message, text=text, segments=segments(text))


def in_one_segment(said: Sequence[Said], voice: Voice, *, opening: str = "") -> str:
    """Return everything by name in one SMS, the worst first; what has no room is counted.

    `opening`: what stands before it. That another road is lost goes before what is named last.
    """
    texts, worst = voice.texts, said[0]
    brand = texts.exercise if worst.facts.exercise else texts.brand
    lost = "" if worst.type in ENDS else lost_in_short(worst.facts, texts)
    if opening:
        brand = f"{brand} {opening}"
    level = texts.levels[worst.facts.level]
    advice = "" if worst.type in ENDS else level.advise(closed=worst.facts.closed)[-1]
    for also, kept in product(dict.fromkeys((lost, "")), range(len(said), 0, -1)):
        left = f" +{len(said) - kept}" if kept < len(said) else ""
        for end in (f"{left}. {advice}{also}", f"{left}.{also}"):
            text = to_gsm7(f"{brand} {_all_named(said[:kept], voice)}{end}".rstrip())
            if segments(text) == 1:
                return text
    more = f" +{len(said) - 1}" if len(said) > 1 else ""
    return to_gsm7(f"{brand} {what(worst, texts)}{more}.")


def gathered(alerts: Sequence[Said]) -> list[Said]:
    """Return what is said of each route, the worst first, cargoes of one route together."""
    by_route: dict[tuple[object, ...], list[Said]] = {}
    for one in sorted(alerts, key=_order):
        # who knows nothing yet is told each stretch
        where_apart = one.facts.stretch if _stands(one) else None
        key = (one.facts.route, one.type, one.facts.exercise, where_apart)
        by_route.setdefault(key, []).append(one)
    return _with_lost([_together(group) for group in by_route.values()])


def _with_lost(said: list[Said]) -> list[Said]:
    """Let what is said in full say, too, which other road is lost: the others are only named."""
    if not said or said[0].type in ENDS or said[0].facts.lost or _stands(said[0]):
        return said  # whoever begins to listen was named no other road
    first, *others = said
    alike = (one.facts for one in others if one.facts.exercise == first.facts.exercise)
    lost = next((one.lost for one in alike if one.lost), None)
    return [_losing(first, lost), *others]


def _losing(one: Said, lost: str | None) -> Said:
    """Return what is said with `lost` taken back, and no road that would be taken for it."""
    facts = replace(one.facts, lost=lost)
    if lost and facts.alternative and shares_a_town(facts.alternative, lost):
        facts = replace(facts, alternative=None, alternative_unheard=False)
    return replace(one, facts=facts)


def _order(one: Said) -> tuple[bool, int, bool]:
    """Return the place: what is severe, then what is over, then the rest; exercises last.

    Of equals what is given first: of one change that is what lies nearest to what happened. That
    another road is lost is said beside what else there is to say of a route.
    """
    place = _LAST - one.facts.level.rank
    if one.type in ENDS:
        place = 0
    if one.facts.level is Level.SEVERE and one.type not in ENDS:
        place = -1
    return one.facts.exercise, place, one.facts.reason is Reason.WAY_LOST


def _together(group: Sequence[Said]) -> Said:
    """Return what is said of one route, its cargoes named as `facts_of` names them."""
    first, *others = group
    ends = first.type in ENDS
    alike = [one for one in others if ends or one.facts.level is first.facts.level]
    levels = (one.facts.lost_level for one in group if one.facts.lost_level is not None)
    together = replace(
        first,
        facts=replace(
            first.facts,
            lost_level=max(levels, key=lambda one: one.rank, default=None),
            with_cargoes=tuple(one.facts.cargo for one in alike),
            also=tuple((one.facts.cargo, one.facts.level) for one in others if one not in alike),
        ),
    )
    return _losing(together, next((one.facts.lost for one in group if one.facts.lost), None))


def _named(first: Said, others: Sequence[Said], voice: Voice) -> str:
    """Return the others by level and cargo, each stretch of road once; not what `first` says.

    Behind a road to take instead they are said to be dangers: "Sinon par Kita. Aussi:
    Diéma-Lakamané" is read as one more such road.
    """
    stretches = _by_what(others, voice)
    alike = stretches.pop(what(first, voice.texts), {})
    alike.pop(where(first.facts, voice)[-1], None)
    named = [f"{one}: {', '.join(names)}" for one, names in stretches.items()]
    items = "; ".join([", ".join(alike), *named] if alike else named)
    slots = voice.texts.slots
    apart = slots["elsewhere_apart"] if alike and first.facts.alternative else ""
    return (apart or slots["elsewhere"]).format(items=items) if items else ""


def _more(
    text: str, first: Said, others: Sequence[Said], voice: Voice, public_url: str | None
) -> str:
    """Return what an SMS says behind `text`; to who begins to listen, no more than can be read."""
    slots = voice.texts.slots
    told = sum(1 for one in others if not _stands(one))  # an end, say: he is owed all of those
    more = ""
    for kept in range(len(others), told - 1, -1):
        named = _kept(others, kept)
        more = _named(first, named, voice)
        if left := len(_stretches(others, voice) - _stretches([first, *named], voice)):
            pattern = (slots["and_more_at"] if public_url else "") or slots["and_more"]
            more += pattern.format(n=left, link=public_url)
        more = to_gsm7(more)
        if segments(text + more) <= _MOST_TO_BEGIN_WITH or kept == told or not slots["and_more"]:
            break
    return more


def _stretches(said: Sequence[Said], voice: Voice) -> set[str]:
    return {where(one.facts, voice)[-1] for one in said}


def some_of(others: Sequence[Said], at_most: int) -> list[Said]:
    """Return as many of the others as can be taken in by ear; all that answer what was told."""
    told = sum(1 for one in others if not _stands(one))
    return _kept(others, max(at_most, told))


def _kept(others: Sequence[Said], number: int) -> list[Said]:
    """Return so many of the others, in order: those that answer something, then the worst."""
    first = sorted(range(len(others)), key=lambda place: (_stands(others[place]), place))
    return [others[place] for place in sorted(first[:number])]


def _stands(one: Said) -> bool:
    return one.facts.reason is Reason.STANDS


def _all_named(said: Sequence[Said], voice: Voice) -> str:
    named = _by_what(said, voice).items()
    return "; ".join(f"{one}: {', '.join(names)}" for one, names in named)


def _by_what(said: Sequence[Said], voice: Voice) -> dict[str, dict[str, None]]:
    """Return the stretches of which the same is said, by what it is."""
    stretches: dict[str, dict[str, None]] = {}
    for one in said:
        stretches.setdefault(what(one, voice.texts), {})[where(one.facts, voice)[-1]] = None
    return stretches


def what(one: Said, texts: Texts) -> str:
    """Return what is said of the road, and for which cargo: "grave carburant"."""
    facts = one.facts
    if one.type is AlertType.ALL_CLEAR:
        pattern = texts.slots["item_end"]
    elif one.type is AlertType.WITHDRAWAL:
        pattern = texts.slots["item_withdrawn"]
    elif facts.level.rank < Level.MODERATE.rank:
        pattern = texts.slots["item_unknown"]
    elif facts.certainty is Certainty.UNCONFIRMED:
        pattern = texts.slots["item_unconfirmed"]
    else:
        pattern = texts.slots["item"]
    what = pattern.format(level=texts.levels[facts.level].name, cargo=cargo_of(facts, texts)[0])
    return f"{texts.exercise} {what}" if facts.exercise else what
