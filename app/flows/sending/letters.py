"""What a lane sends: texts, read once for all who get them, and what is one recipient's own."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection

from app.channels.base import Outgoing
from app.delivery.outbox import digests
from app.delivery.outbox.claiming import Claimed
from app.flows.sending.own_words import OwnWords

#: Texts kept in memory: alerts being sent at once, times languages.
_TEXTS_KEPT = 256

#: Texts with `subject`, `text` and `html`, by what names them; None: there is none.
Texts = dict[tuple[str, str], Any]


class Letters:
    """The texts of one channel.

    Args:
        channel: Its kind.
        own: What stands in a message for its recipient alone.
        open_address: Returns an address in clear from (sealed, contact id, channel): the vault.
    """

    def __init__(
        self, channel: str, own: OwnWords, open_address: Callable[[bytes, str, str], str]
    ) -> None:
        self._channel, self._own, self._open_address = channel, own, open_address
        self._texts: Texts = {}

    def missing(self, conn: Connection, claimed: Sequence[Claimed]) -> Texts:
        """Read the texts of what was claimed that are not in memory."""
        missing = {key: one for one in claimed if (key := _named(one)) not in self._texts}
        return {
            key: self._own.named(
                conn,
                digests.find_message(
                    conn,
                    one.alert_id,
                    channel=self._channel,
                    language=one.language,
                    digest_id=one.digest_id,
                ),
            )
            for key, one in missing.items()
        }

    def keep(self, texts: Texts) -> None:
        """Keep what was read, in place of what was read first."""
        self._texts.update(texts)
        while len(self._texts) > _TEXTS_KEPT:
            del self._texts[next(iter(self._texts))]

    def text_of(self, claimed: Claimed) -> Any:
        """Return the text of a delivery; None: there is none in its language."""
        return self._texts.get(_named(claimed))

    def letter(self, claimed: Claimed, text: Any, *, may_leave: Callable[[], bool]) -> Outgoing:
        """Return a delivery's message, ready to go.

        Raises:
            VaultKeyError: Its address cannot be opened.
        """
        own, channel = self._own, claimed.channel
        address = self._open_address(claimed.address_sealed, claimed.contact_id, channel)
        return Outgoing(
            delivery_id=claimed.sent_as,
            alert_id=claimed.alert_id,
            digest_id=claimed.digest_id,
            thread_id=claimed.episode_id,
            organisation_id=claimed.organisation_id,
            address=address,
            language=claimed.language,
            subject=text.subject,
            own_token=own.token_of(claimed.sent_as) if channel == "email" else "",
            stop_link=own.stop_link_of(claimed.sent_as) if channel == "email" else "",
            text=text.text
            if channel != "sms"
            else own.sms(
                text.text, delivery_id=claimed.sent_as, phone=address, urgent=claimed.priority == 0
            ),
            html=text.html,
            avoid=claimed.silent_provider,
            tried=claimed.last_provider,
            urgency=claimed.priority,
            may_leave=may_leave,
        )


def _named(claimed: Claimed) -> tuple[str, str]:
    return claimed.digest_id or claimed.alert_id, claimed.language
