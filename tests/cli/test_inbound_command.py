"""`sira inbound-urls`: what to give to those who bring messages."""

from urllib.parse import parse_qs, urlsplit

from app.channels.http_gateway import inbound_token
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
    query = parse_qs(urlsplit(gateway).query.replace("%", "%25"))
    assert twilio == "https://sira.example/alerts/v1/twilio/inbound"
    assert gateway.startswith("https://sira.example/alerts/v1/gateway/inbound?")
    assert query == {
        "token": [inbound_token("secret-of-gateway")],
        "id": ["%I"],
        "from": ["%p"],
        "text": ["%a"],
    }
    assert "secret-of-gateway" not in gateway


def test_without_an_address_or_a_provider_it_says_so(sira: Command) -> None:
    assert "SIRA_PUBLIC_URL" in sira.refused("inbound-urls", **TWILIO)
    assert "neither" in sira.refused("inbound-urls", **PUBLIC)
