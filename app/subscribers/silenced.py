"""Who is not warned any more as before, by the record of what was done. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

#: In the record of a contact that was changed: an address of before is its own no more.
ADDRESS_GONE = "address_gone"

_CREATED, _CHANGED, _UNSUBSCRIBED = "contact.created", "contact.changed", "subscription.deleted"
_GONE = frozenset({"contact.deleted", "contact.opted_out", "contact.refused"})
#: What is looked for in the record.
ACTIONS = frozenset({_CREATED, _CHANGED, _UNSUBSCRIBED, *_GONE})
#: Who asks by SMS is counted where messages come in: see `inbound.count_stopped`.
_BY_SMS = "phone:"


class Done(Protocol):
    """What the record says."""

    @property
    def actor(self) -> str:
        """Who."""
        ...

    @property
    def action(self) -> str:
        """What."""
        ...

    @property
    def subject_id(self) -> str:
        """To whom."""
        ...

    @property
    def detail(self) -> Mapping[str, Any]:
        """Of what was done."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Silenced:
    """Contacts, by their ids.

    Attributes:
        gone: Taken off, opted out, or written to elsewhere.
        unsubscribed: A subscription of theirs was taken away; they may have others.
    """

    gone: frozenset[str]
    unsubscribed: frozenset[str]


def silenced(done: Iterable[Done]) -> Silenced:
    """Return who was silenced, by a link, during a call or with a key of their organisation.

    Who came and went meanwhile is not among them: nobody relied on being warned.
    """
    created, gone, unsubscribed = set[str](), set[str](), set[str]()
    for one in done:
        if one.action == _CREATED:
            created.add(one.subject_id)
        elif one.action == _UNSUBSCRIBED:
            unsubscribed.add(str(one.detail.get("contact_id", "")))
        elif one.action == _CHANGED and not one.detail.get(ADDRESS_GONE):
            continue
        elif not one.actor.startswith(_BY_SMS):
            gone.add(one.subject_id)
    return Silenced(gone=frozenset(gone - created), unsubscribed=frozenset(unsubscribed - created))
