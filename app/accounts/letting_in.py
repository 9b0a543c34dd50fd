"""Whom a key let sign in by code, and who goes with it when it is revoked. Pure."""

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass

#: What the record says of a contact whom somebody let sign in; its actor is the key.
ALLOWED = "contact.sign_in_allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class LetIn:
    """A contact who may sign in by code.

    Attributes:
        key_id: With whose rights he does; nobody holds it.
        by: The keys with which he was let in: more than one where others did so again.
    """

    contact_id: str
    key_id: str
    by: Set[str]


def ended_with(revoked: str, people: Sequence[LetIn], *, live: Collection[str]) -> set[str]:
    """Return the contacts who may not sign in any more once a key is revoked.

    Whoever stole a key may have let a telephone of his own in with it, and that one the next: the
    key would be revoked and he still there. So everybody goes who came by it, unless a key that
    is live stands for him, too, or somebody who stays.

    Args:
        revoked: The key.
        people: All who may sign in.
        live: The keys that open something, of those who hold them.
    """
    own = {one.contact_id for one in people if one.key_id == revoked}
    others = [one for one in people if one.key_id != revoked]
    came = _reached_from({revoked}, others)
    stay = _reached_from({*live} - {revoked}, others)
    return own | (came - stay)


def _reached_from(keys: set[str], people: Sequence[LetIn]) -> set[str]:
    """Return whom these keys let in, and whom those let in, and so on."""
    opened, found = {*keys}, set[str]()
    while new := [one for one in people if one.contact_id not in found and one.by & opened]:
        found |= {one.contact_id for one in new}
        opened |= {one.key_id for one in new}
    return found
