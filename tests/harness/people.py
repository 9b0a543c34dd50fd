"""The people who are told, and what they hold in their hands."""

from dataclasses import dataclass

from tests.harness.twilio import FakeTwilio


@dataclass(frozen=True, kw_only=True)
class Person:
    """A contact: what it is called here, and what nobody but the providers may see."""

    contact_id: str
    organisation_id: str
    phone: str | None
    email: str | None


@dataclass
class Phone:
    """What arrived on a phone."""

    number: str
    _twilio: FakeTwilio

    @property
    def messages(self) -> list[dict[str, str]]:
        """What the provider took for this number, in order."""
        return [message for message in self._twilio.messages if message["to"] == self.number]

    @property
    def texts(self) -> list[str]:
        """The texts, in order."""
        return [message["body"] for message in self.messages]

    def received(self, *words: str) -> str:
        """Return the newest text; it must hold all of `words`."""
        text = self.texts[-1]
        assert all(word in text for word in words), text
        return text
