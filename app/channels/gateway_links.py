"""Where a gateway reaches us, and what proves that it is ours: it signs nothing. Pure."""

import hashlib
import hmac
from urllib.parse import urlsplit

NAME = "gateway"

#: Half of the digest: 128 bits, and a URL that any gateway takes.
_TOKEN_LENGTH = 32


def report_url(public_url: str, password: str, delivery_id: str) -> str:
    """Return where the gateway reports on a delivery; it puts type and answer in for `%d`, `%A`."""
    token = report_token(password, delivery_id)
    return f"{public_url}/v1/gateway/status?delivery={delivery_id}&token={token}&type=%d&answer=%A"


def report_token(password: str, delivery_id: str) -> str:
    """Return what proves that a report is for a message of ours: the gateway signs nothing.

    Keyed by the gateway's own password, which both ends have and nobody else has; another password
    makes the reports of messages in the air unreadable, no more.
    """
    words = f"sira gateway report {delivery_id}".encode()
    return hmac.new(password.encode(), words, hashlib.sha256).hexdigest()[:_TOKEN_LENGTH]


def inbound_url(public_url: str, password: str) -> str:
    """Return where Kannel posts what comes in (`post-url`); it puts the message's id in for `%I`.

    It sends the name and password in it as a header, the sender as another and the text as the
    body. In what a proxy writes down of a request there is no number of anybody who wrote then,
    and nothing with which its reader could write in anybody's name.
    """
    base = urlsplit(public_url)
    login = f"{NAME}:{inbound_token(password)}"
    return base._replace(netloc=f"{login}@{base.netloc}").geturl() + "/v1/gateway/inbound?id=%I"


def inbound_token(password: str) -> str:
    """Return what proves that a message comes from our gateway."""
    return hmac.new(password.encode(), b"sira gateway inbound", hashlib.sha256).hexdigest()[
        :_TOKEN_LENGTH
    ]
