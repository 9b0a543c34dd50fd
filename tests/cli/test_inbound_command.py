"""`sira inbound-urls`: what to give to those who bring messages."""

from urllib.parse import urlsplit

from app.channels.gateway_links import inbound_token
from tests.harness.command import Command

TWILIO = {
    "SIRA_TWILIO__ACCOUNT_SID": "AC" + "0" * 32,
    "SIRA_TWILIO__AUTH_TOKEN": "f" * 32,
    "SIRA_TWILIO__FROM": "+15005550006",
}
GATEWAY = {
    "SIRA_GATEWAY__URL": "http://127.0.0.1:1/cgi-bin/sendsms",
    "SIRA_GATEWAY__USERNAME": "u",
    "SIRA_GATEWAY__PASSWORD": "secret-of-gateway",
    "SIRA_GATEWAY__FROM": "Sira",
}
PUBLIC = {"SIRA_PUBLIC_URL": "https://sira.example/alerts"}


def test_each_provider_gets_its_address(sira: Command) -> None:
    shown = sira.ok("inbound-urls", **TWILIO, **GATEWAY, **PUBLIC).stdout.splitlines()

    twilio, gateway = (line.partition(": ")[2] for line in shown)
    called = urlsplit(gateway)
    assert twilio == "https://sira.example/alerts/v1/twilio/inbound"
    # what a proxy writes down of a request: neither who wrote, nor what, nor what lets him in
    assert f"{called.path}?{called.query}" == "/alerts/v1/gateway/inbound?id=%I"
    assert (called.scheme, called.hostname) == ("https", "sira.example")
    assert called.password == inbound_token("secret-of-gateway")
    assert "secret-of-gateway" not in gateway


def test_without_an_address_or_a_provider_it_says_so(sira: Command) -> None:
    assert "SIRA_PUBLIC_URL" in sira.refused("inbound-urls", **TWILIO)
    assert "neither" in sira.refused("inbound-urls", **PUBLIC)
