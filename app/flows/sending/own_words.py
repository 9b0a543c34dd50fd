"""What stands in a message for its recipient alone: put in as it leaves, and kept nowhere."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from app.alerts.escalation_text import Written, with_name
from app.alerts.sms_text import segments
from app.config import Config
from app.core.own_link import own_link
from app.flows.sending.acknowledge import token_of
from app.subscribers.stop_link import stop_link
from app.subscribers.store import names
from app.subscribers.vault import Vault, VaultKeyError


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWords:
    """What is needed to put it in.

    Attributes:
        public_url: Where links lead; None: there are none.
        token_of: Returns the token of a delivery's link.
        stop_link_of: Returns what stands in the link that stops e-mails.
        passes: Tells whether a link passes to a phone.
        name_of: Returns the name of a contact, in clear; None: he is gone, or it does not open.
    """

    public_url: str | None
    token_of: Callable[[str], str]
    stop_link_of: Callable[[str], str]
    passes: Callable[[str], bool]
    name_of: Callable[[Connection, str], str | None]

    @classmethod
    def of(cls, config: Config, vault: Vault, public_url: str | None) -> "OwnWords":
        """Return those of a service."""

        def name_of(conn: Connection, contact_id: str) -> str | None:
            try:
                return names.name_of(conn, contact_id, vault=vault)
            except VaultKeyError:
                return None

        return cls(
            public_url=public_url,
            token_of=lambda delivery_id: token_of(delivery_id, vault=vault),
            stop_link_of=lambda delivery_id: stop_link(delivery_id, vault.token),
            passes=lambda phone: config.countries.tariff_of(phone).links,
            name_of=name_of,
        )

    def named(self, conn: Connection, text: Any) -> Any:
        """Return a text from the database with the name in it that it speaks of, if any."""
        about = getattr(text, "names", None)
        if about is None:
            return text
        written = Written(
            subject=text.subject, text=text.text, html=text.html, language=text.language
        )
        return with_name(written, self.name_of(conn, about))

    def sms(self, text: str, *, delivery_id: str, phone: str, urgent: bool) -> str:
        """Return an SMS with the recipient's own link, where it is urgent and the link fits.

        Only into what is one segment and stays one, and to numbers that a link passes to.
        """
        if self.public_url is None or not urgent:
            return text
        if not _has_room(text, own_link(self.public_url)) or not self.passes(phone):
            return text
        return f"{text} {own_link(self.public_url, self.token_of(delivery_id))}"


@lru_cache(maxsize=256)
def _has_room(text: str, link: str) -> bool:
    """Tell whether a link fits into the segment of a text: the same for all its recipients."""
    return segments(f"{text} {link}") == 1


#: For those who have no link and no names to put in.
NOTHING = OwnWords(
    public_url=None,
    token_of=lambda _: "",
    stop_link_of=lambda _: "",
    passes=lambda _: False,
    name_of=lambda *_: None,
)
