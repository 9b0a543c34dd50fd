"""What is kept of a provider's words: no address that it quotes, no page in place of an answer."""

from app.channels.base import without_contacts


def test_no_farther_back_is_an_address_looked_for_than_a_mailbox_is_long() -> None:
    # A page came in place of an answer: a picture in it, one word, held up all that is sent.
    assert without_contacts(f"{'x' * 100}@example.org") == f"{'x' * 36}[contact]"


def test_an_address_that_is_quoted_is_not_kept() -> None:
    said = "<awa.diarra@example.org>: no such user; tell +223 65 01 23 45"

    assert without_contacts(said) == "<[contact]>: no such user; tell [contact]"
