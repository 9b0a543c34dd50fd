"""The link in an e-mail that is each recipient's own, put into bytes that all share."""

from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from app.channels.base import Outgoing
from app.channels.smtp_message import Sender, shared_part, with_own_link
from app.core.own_link import own_link

SENDER = Sender(address="sira@example.org")
TOKEN = "AZk-_" * 6


def outgoing(url: str) -> Outgoing:
    link = own_link(url)
    return Outgoing(
        delivery_id="0198-1",
        alert_id="a",
        address="a@example.org",
        language="fr",
        subject="Danger",
        text=f"Fermée à Diéma, n'y allez pas.\n{link}\n",
        html=f'<p>Fermée à Diéma</p>\n<a\nhref="{link}">\nlu</a>\n',
        own_token=TOKEN,
    )


def parts(content: bytes) -> list[str]:
    mail = message_from_bytes(content, policy=SMTP)
    assert isinstance(mail, EmailMessage)
    return [mail.get_body((kind,)).get_content() for kind in ("plain", "html")]  # type: ignore[union-attr]


@pytest.mark.parametrize("url", ["https://sira.example", f"https://{'long.' * 12}example.org/"])
def test_each_recipient_has_his_own_link_and_the_rest_is_as_it_was(url: str) -> None:
    message = outgoing(url)
    shared = shared_part(message, SENDER)

    own = with_own_link(shared, message, SENDER)

    text, html = parts(own)
    assert (text.count(TOKEN), html.count(TOKEN)) == (1, 1)
    bare = [one.replace(TOKEN, "x" * 30) for one in (text, html)]
    assert bare == parts(shared)
    assert max(len(line) for line in own.splitlines()) <= 78


def test_a_text_without_a_link_is_sent_as_all_share_it() -> None:
    message = replace(outgoing("https://sira.example"), text="Rien", html=None)
    shared = shared_part(message, SENDER)

    assert with_own_link(shared, message, SENDER) is shared
