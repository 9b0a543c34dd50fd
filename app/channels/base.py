"""What a provider is to the rest of Sira: one call in, one value out; failures are values."""

import re
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, runtime_checkable


class TooLateError(Exception):
    """The claim on a message is too old, or its worker stops: it must not leave any more."""


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message ready to go.

    Attributes:
        delivery_id: Ours; travels with the message (callback URL, Message-ID).
        address: In clear, in memory only. E.164 or e-mail.
        alert_id: With `language`, names the text: the same for every recipient.
        digest_id: Names the text in place of the alert, where it says several, or to one contact.
        own_token: Of this recipient's link, where an e-mail has one; see `smtp_message`.
        stop_link: What stands in the link by which its reader wants no more; "": it has none.
        organisation_id: Whose recipient it is; "": nobody's.
        thread_id: The episode of a road it belongs to, for threading e-mails.
        avoid: A provider that took it before and fell silent: not through that one again.
        tried: The provider that could not send it the last time: rather another one, if there is.
        rather: The provider to go by where it is well: its number is the one that was written to.
        through: The provider that may have it, where a doubt is to be settled; None: any.
        urgency: 0 goes first where messages wait for each other.
        may_leave: Tells whether it is still ours to send; see `leave`.
    """

    delivery_id: str
    alert_id: str
    address: str
    language: str
    subject: str | None
    text: str
    html: str | None
    organisation_id: str = ""
    thread_id: str = ""
    digest_id: str | None = None
    own_token: str = ""
    stop_link: str = ""
    avoid: str | None = None
    tried: str | None = None
    rather: str | None = None
    through: str | None = None
    urgency: int = 0
    may_leave: Callable[[], bool] = field(default=_always, compare=False, repr=False)

    def leave(self) -> None:
        """Call right before the message leaves, with nothing to wait for in between.

        A process may be stopped for minutes at any point, and by then another one has sent it:
        the later this is asked, the less can come between.

        Raises:
            TooLateError: It must not leave any more.
        """
        if not self.may_leave():
            raise TooLateError


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What every answer may say; a channel of one provider leaves it to those who know.

    Attributes:
        provider: Who gave the answer, where a channel has several providers to choose from.
        route: The prefix of the addresses whose traffic is watched together; "": all.
    """

    provider: str | None = None
    route: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted(_Answer):
    """The provider has it. `final` when no receipt will follow and acceptance is all there is.

    `segments`: of an SMS, as the provider counts them; None: it does not say.
    """

    provider_id: str
    final: bool = False
    segments: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected(_Answer):
    """The provider will not, or cannot now.

    Attributes:
        scope: "recipient" (this address only), "account" (nothing will pass: stop and shout) or
            "provider" (it is ill).
        opted_out: The recipient has told the provider to stop.
        elsewhere: It is this provider that will never take it to this recipient: another may.
        tries: After so many it is meant for good; None: what is not permanent never is.
    """

    permanent: bool
    code: str
    detail: str
    retry_after_s: float | None = None
    scope: str = "recipient"
    opted_out: bool = False
    elsewhere: bool = False
    tries: int | None = None

    def is_final(self, attempts: int) -> bool:
        """Tell whether nothing will get there, said after so many calls, this one included."""
        meant = self.permanent or (self.tries is not None and attempts >= self.tries)
        return meant and self.scope == "recipient"


@dataclass(frozen=True, slots=True, kw_only=True)
class InDoubt(_Answer):
    """The request left us and no clear answer came: it may or may not have been accepted."""

    code: str
    detail: str


SendResult = Accepted | Rejected | InDoubt


class Channel(Protocol):
    """A way to reach people. `name` is the provider ("twilio"), `kind` the channel ("sms")."""

    name: str
    kind: str
    #: Messages in the air at once at most.
    concurrency: int

    async def send(self, message: Outgoing) -> SendResult:
        """Hand `message` to the provider once. Never retries, never raises for its failures.

        Raises:
            TooLateError: `message.leave` said so; nothing has left.
        """
        ...

    async def close(self) -> None:
        """Close connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The provider's log has the message."""

    provider_id: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotThere:
    """The provider's log is complete for the time in question, and does not have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """The log could not be read, or does not reach back far enough.

    `silent`: whoever had been asked about, it would have said nothing.
    """

    detail: str
    silent: bool = False


@runtime_checkable
class SentLog(Protocol):
    """A provider that can be asked what it has accepted; settles doubts."""

    async def find(
        self, message: Outgoing, *, within: timedelta, known: Container[str]
    ) -> Found | NotThere | NoAnswer:
        """Look for `message` among what was sent to its address within so long.

        An age, not an instant: our clock and the provider's may be hours apart.

        Args:
            message: What may have been sent.
            within: How long the delivery has existed.
            known: Provider ids that belong to other deliveries.
        """
        ...


#: Questions to the log of one channel at once; a pool has room for them beside its messages.
QUESTIONS_AT_ONCE = 32

#: Of what stands before an @, as much as a mailbox may have: a page that came in place of an answer
#: holds pictures, one word of 100,000 letters, and would be searched anew from each of them.
_CONTACT = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]+|\+?\d[\d\s().-]{4,}\d")

#: A provider's words are kept for the log only as far as a person needs them.
_DETAIL_LENGTH = 200


#: Of a number of seconds: 31 years. More digits are more than a span of time holds.
_MOST_DIGITS = 9


def seconds_asked(retry_after: str | None) -> float | None:
    """Return a `Retry-After` that is a number of seconds; None: a date, or nothing."""
    text = (retry_after or "").strip()
    return float(text[:_MOST_DIGITS]) if text.isascii() and text.isdigit() else None


def without_contacts(words: str) -> str:
    """Return what a provider said without the addresses it quoted, on one line, cut short."""
    return " ".join(_CONTACT.sub("[contact]", words).split())[:_DETAIL_LENGTH]


def without_domain(words: str, address: str) -> str:
    """Return what a server said without the domain of `address`: it names who was written to."""
    domain = address.rpartition("@")[2].strip()
    if not domain:
        return words
    return re.sub(re.escape(domain), "[domain]", words, flags=re.IGNORECASE)
