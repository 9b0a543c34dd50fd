"""Organisations and their contacts; what is asked of a contact before it is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from typing_extensions import override

from app.core.errors import InvalidError
from app.subscribers.addresses import (
    AddressError,
    check_email,
    check_phone,
    check_webhook,
    same_address,
)
from app.subscribers.policy import SubscriberPolicy
from app.subscribers.vault import Vault


class OrganisationKind(StrEnum):
    """What an organisation is."""

    UNION = "union"
    COMPANY = "company"
    NGO = "ngo"
    AUTHORITY = "authority"
    MEDIA = "media"
    OTHER = "other"


class ContactChannel(StrEnum):
    """How a contact is reached."""

    SMS = "sms"
    EMAIL = "email"
    VOICE = "voice"
    WHATSAPP = "whatsapp"
    WEBHOOK = "webhook"


class AddressStatus(StrEnum):
    """Whether an address is written to."""

    ACTIVE = "active"
    OPTED_OUT = "opted_out"
    #: Its owner was asked, and has not said yes: it gets the invitation and nothing else.
    INVITED = "invited"


class ContactState(StrEnum):
    """What contacts may be listed by."""

    UNREACHABLE = "unreachable"
    INVITED = "invited"


#: The member of a body that holds the address of each channel.
FIELD_OF: Mapping[ContactChannel, str] = {
    ContactChannel.SMS: "phone",
    ContactChannel.EMAIL: "email",
    ContactChannel.VOICE: "phone",
    ContactChannel.WHATSAPP: "phone",
    ContactChannel.WEBHOOK: "webhook",
}


def phone_indexes(vault: Vault, phone: str) -> dict[ContactChannel, str]:
    """Return the index of a phone on each channel that it may have: what its owner says of one."""
    known_as = same_address(phone)
    return {
        channel: vault.blind_index(channel, known_as)
        for channel, field in FIELD_OF.items()
        if field == "phone"
    }


#: The channel that an address is for where nobody says: a phone is written to, not called.
USUAL: Mapping[str, ContactChannel] = {
    "phone": ContactChannel.SMS,
    "email": ContactChannel.EMAIL,
    "webhook": ContactChannel.WEBHOOK,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A union, company, NGO or authority, opened from the vault."""

    id: str
    name: str
    kind: OrganisationKind
    country: str
    language: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address as it may be shown.

    Attributes:
        unreachable_since: What was sent there since has not arrived; `unreachable_why` says why.
    """

    channel: ContactChannel
    masked: str
    status: AddressStatus
    unreachable_since: datetime | None = None
    unreachable_why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person or desk, its name opened from the vault, its addresses masked."""

    id: str
    organisation_id: str
    name: str
    language: str
    addresses: tuple[Address, ...]
    created_at: datetime

    @property
    def channels(self) -> tuple[ContactChannel, ...]:
        """Return the channels the contact takes, `sms` first."""
        return tuple(address.channel for address in self.addresses)

    @property
    def masked_phone(self) -> str | None:
        """Return the masked number, whatever it is for, if there is one."""
        return next((a.masked for a in self.addresses if FIELD_OF[a.channel] == "phone"), None)

    def masked(self, channel: ContactChannel) -> str | None:
        """Return the masked address on `channel`, if there is one."""
        return next((a.masked for a in self.addresses if a.channel is channel), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDraft:
    """A checked contact, not yet kept: addresses in clear, in memory only.

    Attributes:
        addresses: E.164, e-mail or URL by channel; a channel that is not here is not taken.
    """

    name: str
    language: str
    addresses: Mapping[ContactChannel, str]

    @override
    def __repr__(self) -> str:
        """Return nothing that names or reaches anybody."""
        return f"ContactDraft(language={self.language!r}, channels={sorted(self.addresses)})"


def check_contact(
    *,
    name: str,
    phone: str | None,
    email: str | None,
    webhook: str | None = None,
    language: str,
    channels: Sequence[ContactChannel] | None,
    country: str,
    policy: SubscriberPolicy,
    at: str = "",
) -> ContactDraft:
    """Return the contact ready to be kept.

    An address on a channel that the contact does not take is checked and then not kept: what is
    not needed is not stored.

    Args:
        name: Of a person or desk.
        phone: As written by a person, or None.
        email: Likewise.
        webhook: URL of a program, or None.
        language: One of the policy's.
        channels: What the contact takes; None: the usual channel of every address that is given.
        country: National numbers are read as of this country.
        policy: Languages.
        at: JSON Pointer of the contact in the body, "" when it is the body.

    Raises:
        InvalidError: with every fault, not only the first.
    """
    errors: list[dict[str, str]] = []
    errors += check_language(language, policy, at=at)
    written = {"phone": phone, "email": email, "webhook": webhook}
    given = _check_addresses(written, country, errors, at)
    usual = [USUAL[field] for field in given]
    taken = usual if channels is None else list(dict.fromkeys(channels))
    if not any(address is not None for address in written.values()):
        detail = "Give a phone, an email or both to write to, or a webhook."
        errors.append({"pointer": f"{at}/channels", "detail": detail})
    else:
        errors += [
            {"pointer": f"{at}/{FIELD_OF[c]}", "detail": f"The channel {c} needs this address."}
            for c in taken
            if written[FIELD_OF[c]] is None
        ]
    if errors:
        raise InvalidError("The contact cannot be kept as it is; see `errors`.", errors=errors)
    return ContactDraft(
        name=name,
        language=language,
        addresses={c: given[FIELD_OF[c]] for c in ContactChannel if c in taken},
    )


def check_change(
    contact: Contact,
    *,
    given: Mapping[str, str | None],
    channels: Sequence[ContactChannel] | None,
    country: str,
) -> tuple[frozenset[ContactChannel], dict[ContactChannel, str]]:
    """Return (channels that stay as they are, new addresses by channel) of a changed contact.

    Args:
        contact: As it is now.
        given: New addresses by `FIELD_OF`; None takes the address away; a field that is not here
            was not named. A new phone is that of every channel that goes there.
        channels: What the contact takes from now on; None: what it takes now, plus and minus
            what `given` brings and takes away.
        country: National numbers are read as of this country.

    Raises:
        InvalidError: with every fault.
    """
    errors: list[dict[str, str]] = []
    new = _check_addresses(given, country, errors, "")
    now = set(contact.channels)
    taken = set(channels) if channels is not None else _taken(now, given)
    keep = {c for c in taken & now if FIELD_OF[c] not in given}
    if not taken:
        detail = "A contact needs an address to write to; delete it instead."
        errors.append({"pointer": "/channels", "detail": detail})
    named = {field for field, address in given.items() if address is not None}
    errors += [
        {"pointer": f"/{FIELD_OF[c]}", "detail": f"The channel {c} needs this address."}
        for c in sorted(taken - keep)
        if FIELD_OF[c] not in named
    ]
    if errors:
        raise InvalidError("The contact cannot be changed so; see `errors`.", errors=errors)
    return frozenset(keep), {c: new[FIELD_OF[c]] for c in ContactChannel if c in taken - keep}


def _taken(now: set[ContactChannel], given: Mapping[str, str | None]) -> set[ContactChannel]:
    """Return what a contact takes with these addresses, where nobody says which channels."""
    taken = {c for c in now if given.get(FIELD_OF[c], "") is not None}
    for field, address in given.items():
        if address is not None and not any(FIELD_OF[c] == field for c in taken):
            taken.add(USUAL[field])
    return taken


def check_language(
    language: str, policy: SubscriberPolicy, *, at: str = ""
) -> list[dict[str, str]]:
    """Return the fault of `language`, if messages are not written in it."""
    if language in policy.languages:
        return []
    known = ", ".join(policy.languages)
    return [{"pointer": f"{at}/language", "detail": f"Messages are written in: {known}."}]


def _check_addresses(
    written: Mapping[str, str | None], country: str, errors: list[dict[str, str]], at: str
) -> dict[str, str]:
    """Return what is written in the form that is kept, by field; add the faults to `errors`."""
    given: dict[str, str] = {}
    for field, text in written.items():
        try:
            if text is not None:
                given[field] = _check_address(field, text, country)
        except AddressError as error:
            errors.append({"pointer": f"{at}/{field}", "detail": error.detail})
    return given


def _check_address(field: str, text: str, country: str) -> str:
    if field == "phone":
        return check_phone(text, country=country)
    return check_email(text) if field == "email" else check_webhook(text)
