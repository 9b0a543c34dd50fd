"""What the environment decides: where things are, who the providers are, which secrets."""

import ipaddress
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.core.rota import Rota, read_turns

PREFIX = "SIRA_"

_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
_SHORT_CODE = re.compile(r"\d{3,8}")
_SENDER_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 &+_-]{1,11}")
_MAIL = r"(?P<address>[^\s@<>,;]+@[^\s@<>,;]+)"
_MAIL_SENDER = re.compile(
    rf"(?P<title>[^<>\x00-\x1f]+?)\s*<{_MAIL}>|{_MAIL.replace('address', 'bare')}"
)


def named_driver(text: str) -> str:
    """Return a URL that names its driver: SQLAlchemy takes `postgresql://` for psycopg2's.

    Raises:
        ValueError: It is no URL of a database that Sira works on.
    """
    for plain in ("postgresql://", "postgres://"):
        if text.startswith(plain):
            text = "postgresql+psycopg://" + text.removeprefix(plain)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:  # a port that is no number is a ValueError
        raise ValueError("is not a database URL (sqlite:///FILE or postgresql://...)") from error
    if url.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise ValueError(f"{url.drivername} is not supported; use sqlite:/// or postgresql://")
    if "@" in f"{url.host}{url.database}" and url.drivername != "sqlite":  # half a password there
        raise ValueError("has one @ too many: write %40 in a password, or give it as PGPASSWORD")
    if url.drivername == "sqlite" and url.database in (None, "", ":memory:"):
        raise ValueError("SQLite needs a file: sqlite:///var/sira.db")
    return text


def _networks(text: str) -> str:
    for one in filter(None, (part.strip() for part in text.split(","))):
        try:
            ipaddress.ip_network(one)
        except ValueError as error:
            raise ValueError(
                "is no list of addresses and networks: 10.0.0.2, 10.1.0.0/16"
            ) from error
    return text


def _listen_url(text: str | None) -> str | None:
    """Calls between processes are PostgreSQL's."""
    url = named_driver(text) if text else None
    if url is not None and not url.startswith("postgresql"):
        raise ValueError("is for PostgreSQL: processes on one SQLite file look for work themselves")
    return url


def _http_url(text: str) -> str:
    """Return `text` without a slash at its end, so that paths can be put after it."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an http:// or https:// URL")
    if parts.query or parts.fragment or parts.username:
        raise ValueError("takes no user, query or fragment")
    return text.rstrip("/")


def _sms_sender(text: str) -> str:
    """Accept what Twilio accepts: E.164, messaging service, short code, alphanumeric sender."""
    phone = re.sub(r"[\s().-]", "", text)
    if _PHONE.fullmatch(phone):
        return phone
    if any(known.fullmatch(text) for known in (_SERVICE, _SHORT_CODE, _SENDER_NAME)):
        return text
    raise ValueError(
        "must be a number in E.164 (+223...), a messaging service (MG...), a short code"
        " or a name of at most 11 letters and digits"
    )


def _phone(text: str) -> str:
    phone = re.sub(r"[\s().-]", "", text)
    if not _PHONE.fullmatch(phone):
        raise ValueError("must be a number in E.164 (+223...)")
    return phone


def _own_number(text: str | None) -> str | None:
    return _phone(text) if text else None


def _mail_sender(text: str) -> str:
    """Accept `alerts@example.org` and `Sira <alerts@example.org>`."""
    if not _MAIL_SENDER.fullmatch(text.strip()):
        raise ValueError("must be an address, or `Name <address>`")
    return text.strip()


def _duty_address(text: str) -> tuple[str, str]:
    return ("email", _mail_address(text)) if "@" in text else ("sms", _phone(text))


def _roster(text: str) -> str:
    read_turns(text, _duty_address)
    return text


def _mail_address(text: str) -> str:
    """Accept `alerts@example.org`."""
    if not re.fullmatch(_MAIL, text.strip()):
        raise ValueError("must be an address, without a name")
    return text.strip()


HttpUrl = Annotated[str, AfterValidator(_http_url)]


class _Section(BaseModel):
    """Settings that come together; a name that is not one of them is a mistake."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, hide_input_in_errors=True
    )


class TwilioSettings(_Section):
    """The account that SMS go out through."""

    account_sid: str = Field(min_length=1)
    auth_token: SecretStr = Field(min_length=1)
    from_: Annotated[str, AfterValidator(_sms_sender)] = Field(alias="from")
    base_url: HttpUrl = "https://api.twilio.com"
    timeout_s: float = Field(default=10.0, gt=0, le=60)
    #: Numbers of ours that call, and that write on WhatsApp; None: no such channel.
    voice_from: Annotated[str | None, AfterValidator(_own_number)] = None
    whatsapp_from: Annotated[str | None, AfterValidator(_own_number)] = None
    #: Calls in the air at once; at 150 ms each, 2,000 a second need more than 300.
    in_the_air: int = Field(default=400, ge=1, le=2_000)


class GatewaySettings(_Section):
    """A gateway for SMS that speaks Kannel's sendsms, beside Twilio or instead of it."""

    url: HttpUrl
    username: str = Field(min_length=1)
    password: SecretStr = Field(min_length=1)
    from_: str = Field(alias="from", min_length=1, max_length=20, pattern=r"^[A-Za-z0-9 +_-]+$")
    timeout_s: float = Field(default=10.0, gt=0, le=60)


class AppriseSettings(_Section):
    """One more way for SMS: any service that Apprise knows (`pip install 'sira[apprise]'`)."""

    sms_url: SecretStr

    @field_validator("sms_url")
    @classmethod
    def _has_a_place(cls, url: SecretStr) -> SecretStr:
        if "{to}" not in url.get_secret_value() or "://" not in url.get_secret_value():
            raise ValueError("must be an Apprise URL with {to} where the number goes")
        if find_spec("apprise") is None:
            raise ValueError("needs Apprise: pip install 'sira[apprise]'")
        return url


class DutySettings(_Section):
    """Whom to tell when alerts reach people late or not at all, or a provider refuses us."""

    email: Annotated[str, AfterValidator(_mail_sender)] | None = None
    phone: Annotated[str, AfterValidator(_phone)] | None = None
    #: Whose hours it is, see `core.rota`; whoever is above is told in those that are nobody's.
    turns: Annotated[str, AfterValidator(_roster)] = ""
    #: Who is told when nobody acts on what the person on duty was told.
    deputy_email: Annotated[str, AfterValidator(_mail_sender)] | None = None
    deputy_phone: Annotated[str, AfterValidator(_phone)] | None = None

    @model_validator(mode="after")
    def _has_nobodys_hours(self) -> Self:
        if (self.turns or self.rota.deputy) and not self.rota.addresses:
            raise ValueError("EMAIL or PHONE is needed as well: who is told in nobody's hours")
        return self

    @property
    def rota(self) -> Rota:
        """Return who is told, and when."""
        return Rota(
            addresses=_by_channel(self.email, self.phone),
            turns=read_turns(self.turns, _duty_address),
            deputy=_by_channel(self.deputy_email, self.deputy_phone),
        )


def _by_channel(email: str | None, phone: str | None) -> dict[str, str]:
    return {way: to for way, to in (("email", email), ("sms", phone)) if to}


class SmtpSettings(_Section):
    """The server that e-mails go out through."""

    host: str = Field(min_length=1)
    from_: Annotated[str, AfterValidator(_mail_sender)] = Field(alias="from")
    port: int = Field(default=587, ge=1, le=65535)
    username: str | None = None
    password: SecretStr | None = None
    starttls: bool = True
    timeout_s: float = Field(default=20.0, gt=0, le=120)
    #: Where what cannot be delivered comes back to: read by `sira returned-mail`.
    return_to: Annotated[str, AfterValidator(_mail_address)] | None = None

    @property
    def sender_address(self) -> str:
        """The address of `from_`."""
        found = _MAIL_SENDER.fullmatch(self.from_)
        return (found["address"] or found["bare"]) if found else self.from_

    @property
    def sender_title(self) -> str:
        """The name of `from_`; "Sira" when it has none."""
        found = _MAIL_SENDER.fullmatch(self.from_)
        return (found["title"] or "Sira") if found else "Sira"

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        if (self.username is None) != (self.password is None):
            missing = "password" if self.password is None else "username"
            raise ValueError(f"{missing}: is missing")
        return self


class WebhookSettings(_Section):
    """How the programs of organisations are called."""

    #: Plain http, and receivers on this machine. Other private addresses are never called.
    development: bool = False
    timeout_s: float = Field(default=10.0, gt=0, le=25)


class WatchSettings(_Section):
    """From when on `/readyz` says no, and moderators are warned; seconds."""

    dead_man_s: float = Field(default=30.0, gt=0)
    due_age_s: float = Field(default=900.0, gt=0)
    untold_age_s: float = Field(default=60.0, gt=0)


class Settings(BaseSettings):
    """The environment (`SIRA_...`, nested names with `__`) and, below it, the file `.env`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        env_file=".env",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    # not in reprs: it may hold a password
    database_url: Annotated[str, AfterValidator(named_driver)] = Field(
        default="sqlite:///var/sira.db", repr=False
    )
    #: PostgreSQL itself, for calls between processes, where `database_url` is a pooler.
    listen_url: Annotated[str | None, AfterValidator(_listen_url)] = Field(default=None, repr=False)
    twilio: TwilioSettings | None = None
    gateway: GatewaySettings | None = None
    apprise: AppriseSettings | None = None
    smtp: SmtpSettings | None = None
    webhooks: WebhookSettings = WebhookSettings()
    # not in reprs: a person's
    duty: DutySettings = Field(default=DutySettings(), repr=False)
    watch: WatchSettings = WatchSettings()
    metrics_token: SecretStr | None = None
    #: Whether anybody may read the pages of roads; else those with a key only.
    public_pages: bool = False
    #: The number that people may write to, as pages print it; None: nobody can answer by SMS.
    inbound_number: Annotated[str | None, Field(pattern=r"^\+?[0-9][0-9 ]{2,20}$")] = None
    public_url: HttpUrl | None = None
    #: Addresses and networks of proxies that are believed when they say whom they speak for.
    trusted_proxies: Annotated[str, AfterValidator(_networks)] = ""
    vault_keys: SecretStr | None = None
    config_dir: Path = Path("config")
    var_dir: Path = Path("var")
    rate_limit_per_minute: int = Field(default=6_000, ge=1)
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(lambda v: str(v).upper())
    ] = "INFO"

    @property
    def database_file(self) -> Path | None:
        """The file of the database, as SQLAlchemy reads it from the URL; None: PostgreSQL."""
        url = make_url(self.database_url)
        return Path(url.database) if url.drivername == "sqlite" and url.database else None

    @property
    def sms_providers(self) -> tuple[str, ...]:
        """The names of the SMS providers that are set up."""
        given = {"twilio": self.twilio, "gateway": self.gateway, "apprise": self.apprise}
        return tuple(name for name, section in given.items() if section is not None)

    def has_sms_beside(self, name: str) -> bool:
        """Tell whether there is another SMS provider than `name`."""
        return any(other != name for other in self.sms_providers)


#: What comes together, by the name that it has in `Settings`.
SECTIONS: dict[str, type[_Section]] = {
    name: model
    for name, field in Settings.model_fields.items()
    for model in (field.annotation, *get_args(field.annotation))
    if isinstance(model, type) and issubclass(model, _Section)
}
