"""Bodies of /v1/contacts."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.api.invitations import InvitationOut
from app.http.model import ApiModel, Name
from app.subscribers.contact import AddressStatus, Contact, ContactChannel

MAX_BATCH = 1000

Phone = Annotated[
    str,
    Field(
        max_length=40,
        description="Mobile number; without + it is one of the organisation's country.",
    ),
]
Email = Annotated[str, Field(max_length=254)]
Webhook = Annotated[
    str,
    Field(
        max_length=500,
        description="URL that signed events are posted to (https); see docs/webhooks.md.",
    ),
]
Channels = Annotated[list[ContactChannel], Field(min_length=1, max_length=len(ContactChannel))]


class ContactFields(ApiModel):
    """A contact, whole."""

    name: Name
    phone: Phone | None = None
    email: Email | None = None
    webhook: Webhook | None = None
    language: str | None = Field(default=None, description="The organisation's by default.")
    channels: Channels | None = Field(
        default=None,
        description="By default sms for a phone, email and webhook for theirs; "
        "voice and whatsapp go to the phone, and are to be named.",
    )


class ContactNew(ContactFields):
    """One of several contacts to be added."""

    confirm: bool = Field(
        default=False,
        description="Ask the contact first: it gets an invitation, and nothing else until it "
        "agrees. Without it the organisation answers for the consent.",
    )


class ContactIn(ContactNew):
    """A contact to be added."""

    organisation_id: str | None = Field(
        default=None, description="A subscriber key adds to its own; an admin names one."
    )


class ContactBatchIn(ApiModel):
    """Contacts to be added to one organisation, all or none."""

    organisation_id: str | None = None
    contacts: list[ContactNew] = Field(min_length=1, max_length=MAX_BATCH)


class ContactPatch(ApiModel):
    """What changes; what is absent stays; `null` takes an address away."""

    name: Name | None = None
    phone: Phone | None = None
    email: Email | None = None
    webhook: Webhook | None = None
    language: str | None = None
    channels: Channels | None = None


class UnreachableOut(ApiModel):
    """Nothing sent there arrives."""

    since: datetime
    reason: str = Field(
        description="`refused:` and the provider's code, or `not_arrived`: several in a row."
    )


class ContactOut(ApiModel):
    """A contact, its addresses masked."""

    id: str
    organisation_id: str
    name: str
    phone: str | None
    email: str | None
    webhook: str | None
    language: str
    channels: list[ContactChannel]
    status: dict[ContactChannel, AddressStatus]
    unreachable: dict[ContactChannel, UnreachableOut] = Field(
        default_factory=dict,
        description="Channels on which nothing arrives; it is written to all the same.",
    )
    created_at: datetime


class ContactWhole(ContactOut):
    """A contact, with how it was asked and what it answered."""

    consent: list[InvitationOut] = Field(
        default_factory=list,
        description="The last time first; absent where it was never asked, and the organisation "
        "answers for its consent.",
    )


class ContactMade(ContactOut):
    """A contact as it was just written."""

    webhook_secret: str | None = Field(
        default=None,
        description="What signs the events of the webhook just given: shown this once, and absent "
        "where none was given.",
    )


class ContactIds(ApiModel):
    """The ids of contacts just added, in the order of the body."""

    ids: list[str]


def contact_out(contact: Contact) -> ContactOut:
    """Return a contact as it is answered, its addresses masked."""
    return ContactOut(
        id=contact.id,
        organisation_id=contact.organisation_id,
        name=contact.name,
        phone=contact.masked_phone,
        email=contact.masked(ContactChannel.EMAIL),
        webhook=contact.masked(ContactChannel.WEBHOOK),
        language=contact.language,
        channels=list(contact.channels),
        status={address.channel: address.status for address in contact.addresses},
        unreachable={
            one.channel: UnreachableOut(
                since=one.unreachable_since, reason=one.unreachable_why or ""
            )
            for one in contact.addresses
            if one.unreachable_since is not None
        },
        created_at=contact.created_at,
    )
