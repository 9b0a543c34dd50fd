"""Who a report comes from in the end: equal origins are one voice, however many repeat it.

An origin is a text only on its way to the keyed hash; what is stored names nobody.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from app.core.errors import ConfigError
from app.incidents.copies import are_copies, bare, sketch
from app.incidents.filed import PERSONS, FiledReport
from app.incidents.words import fold, stems

_KEYED = "k"  # no digit of a bare hash
_HASH_CHARS = 64
#: Fewer words than this may be the same by chance ("tanker attacked").
_TELLING_WORDS = 5
_WORD = re.compile(r"[^\W_]+")
_QUOTED = re.compile(r"\(([^)]*)\)")
_VIA = re.compile(r"\s+(?:via|citant|quoting|d'apres|according to)\s+|\s*/\s*")

KeyedHash = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginPolicy:
    """How outlets are told apart.

    Attributes:
        agencies: Folded name as it appears -> the one origin it stands for.
        ignored: Words in parentheses that name no source ("copy", "claim", "senegal").
    """

    agencies: Mapping[str, str]
    ignored: frozenset[str]


def parse(table: Mapping[str, Any], *, file: str) -> OriginPolicy:
    """Return the policy of the table `[origins]`.

    Raises:
        ConfigError: A key is missing or of the wrong type.
    """
    try:
        agencies = {fold(name): fold(one) for name, one in table["agencies"].items()}
        return OriginPolicy(
            agencies=agencies, ignored=frozenset(fold(word) for word in table["ignored"])
        )
    except (KeyError, TypeError, AttributeError) as wrong:
        raise ConfigError(f"{file}: [origins] agencies and ignored: {wrong}") from wrong


def origin_of(filed: FiledReport, *, reporter: str, policy: OriginPolicy) -> str:
    """Return the origin of a report, still in clear: hash it before it goes anywhere.

    A person is known by the key they report with. An outlet that quotes an agency is that agency;
    another is itself; without a name, the host of its page. `reporter` is the id of the key.
    """
    if filed.source_type in PERSONS:
        return reporter_origin(reporter)
    if filed.source_name:
        return f"outlet:{outlet_of(filed.source_name, policy)}"
    if filed.source_url and (host := _page(filed.source_url).partition("/")[0]):
        return f"outlet:{host}"
    return reporter_origin(reporter)


def reporter_origin(key_id: str) -> str:
    """Return the origin of what is reported with a key in its own name."""
    return f"reporter:{key_id}"


def outlet_of(source_name: str, policy: OriginPolicy) -> str:
    """Return the agency that an outlet quotes, else the outlet, folded."""
    name = fold(source_name)
    words = f" {' '.join(_WORD.findall(name))} "
    for agency, one in policy.agencies.items():
        if f" {agency} " in words:
            return one
    for quoted in _QUOTED.findall(name):
        said = [w for w in _WORD.findall(quoted) if w not in policy.ignored]
        if said:
            return " ".join(said)
    outlet = _VIA.split(_QUOTED.sub(" ", name))[0]
    return " ".join(_WORD.findall(outlet)) or words.strip()


def marks_of(
    filed: FiledReport, keyed_hash: KeyedHash, *, common: Collection[str]
) -> tuple[str, ...]:
    """Return tokens of the page and of the text: a copy of either is no new voice.

    The page's comes first and starts with `p`, the text's with `t`, its sketch with `s`; each only
    when there is one. `common`: stems that most reports share; they tell copies less well.
    """
    marks = []
    if filed.source_url and filed.source_type not in PERSONS:
        marks.append("p" + keyed_hash("page:" + _page(filed.source_url))[:15])
    told = filed.summary
    if len(stems(told)) >= _TELLING_WORDS:
        marks.append("t" + keyed_hash("text:" + bare(told))[:15])
    if (drawn := sketch(told, keyed_hash("sketch"), common)) is not None:
        marks.append("s" + drawn)
    return tuple(marks)


def kept_body(body_hash: str, keyed_hash: KeyedHash) -> str:
    """Return what stands at rest for the hash of a report as it was sent.

    What was sent may hold the name of a source or a number to call back, neither of which is kept.
    Whoever has the database knows the rest, and tries all numbers on a hash without a key in
    minutes. One with a key starts with `k`.
    """
    return (_KEYED + keyed_hash(f"body:{body_hash}"))[:_HASH_CHARS]


def is_kept_body(kept: str) -> bool:
    """Tell whether `kept_body` made it; earlier versions kept the bare hash."""
    return not kept or kept.startswith(_KEYED)


def share_a_mark(marks: Collection[str], others: Collection[str]) -> bool:
    """Return whether two sets of marks have a page or a text in common, or a copy of one."""
    if not set(marks).isdisjoint(others):
        return True
    drawn = [mark[1:] for mark in marks if mark.startswith("s")]
    return any(
        are_copies(one, mark[1:]) for one in drawn for mark in others if mark.startswith("s")
    )


def _page(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # "http://[": no host to be had, but the same text is the same page
        return "/" + url
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}/{parts.path.strip('/')}?{parts.query}"
