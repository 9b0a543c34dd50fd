"""`sira inbound-urls`."""

import typer

from app.channels.gateway_links import inbound_url
from app.cli.frame import fail, reported
from app.environment import load_settings


def inbound_urls() -> None:
    """Print the addresses to give to Twilio and to the gateway, for messages that come in.

    The gateway's holds a token made of its password: treat it like one.
    """
    with reported():
        settings = load_settings()
    if settings.public_url is None:
        fail("SIRA_PUBLIC_URL is not set: nobody outside would find this service")
    base = str(settings.public_url)
    if settings.twilio is not None:
        typer.echo(f"twilio: {base}/v1/twilio/inbound")
    if settings.gateway is not None:
        typer.echo(f"gateway: {inbound_url(base, settings.gateway.password.get_secret_value())}")
    if settings.twilio is None and settings.gateway is None:
        fail("neither Twilio nor a gateway is set up")
