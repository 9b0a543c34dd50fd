"""Telephone numbers, e-mail addresses and webhooks: checked, in one form, and masked."""

import re
from urllib.parse import urlsplit

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType


class AddressError(Exception):
    """An address cannot be reached as written; `detail` says why and how to write it."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


_MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}

#: Characters of a number as people write it; letters would be read as keys of a keypad.
_PHONE = re.compile(r"\(?\+?[\d\s().\-/\u00a0\u202f]{4,32}")

MAX_EMAIL_CHARS = 254
MAX_LOCAL_CHARS = 64
#: Source: RFC 5321, 4.1.2, the `Dot-string` form; quoted local parts and address literals are
#: legal and are never what somebody's real address is.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"({_LABEL}\.)+(xn--[A-Za-z0-9-]{{1,59}}|[A-Za-z]{{2,63}})")

#: Room for a masked address in its column.
_MASKED_CHARS = 40
#: What stands for a host or a domain where nobody may read it.
HIDDEN = "***"
#: A local part shorter than this would be given away by its first letter.
_SHORT_LOCAL = 3


def is_country(code: object) -> bool:
    """Tell whether `code` is a country that has telephone numbers (ISO 3166-1 alpha-2)."""
    return code in phonenumbers.SUPPORTED_REGIONS


def check_phone(text: str, *, country: str) -> str:
    """Return the mobile number `text` in E.164.

    Args:
        text: As a person writes it; without `+` it is a number of `country`.
        country: ISO 3166-1 alpha-2.

    Raises:
        AddressError: it is no number, or none that can receive SMS.
    """
    example = _example(country)
    if not _PHONE.fullmatch(text.strip()):
        raise AddressError(f"This is not a telephone number; write {example}.")
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException as error:
        raise AddressError(f"This is not a telephone number; write {example}.") from error
    if not phonenumbers.is_valid_number(number):
        raise AddressError(_invalid(number, country))
    if phonenumbers.number_type(number) not in _MOBILE:
        own = _example(phonenumbers.region_code_for_number(number) or country)
        raise AddressError(f"This number is not a mobile's and gets no SMS; write one like {own}.")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _invalid(number: phonenumbers.PhoneNumber, country: str) -> str:
    region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason == phonenumbers.ValidationResult.TOO_SHORT:
        fault = "too short"
    elif reason == phonenumbers.ValidationResult.TOO_LONG:
        fault = "too long"
    else:
        fault = "not in use"
    known = region if is_country(region) else country
    return f"This number is {fault} for +{number.country_code}; write one like {_example(known)}."


def _example(country: str) -> str:
    number = phonenumbers.example_number_for_type(country, PhoneNumberType.MOBILE)
    if number is None:
        return "+223 65 01 23 45"
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def check_email(text: str) -> str:
    """Return the e-mail address `text`, its domain in lower case.

    Raises:
        AddressError: it is not of the form `name@domain` in plain letters. Line breaks and
            commas, with which headers are forged, are of no such form.
    """
    text = text.strip(" ")
    local, _, domain = text.rpartition("@")
    if not _LOCAL.fullmatch(local) or len(local) > MAX_LOCAL_CHARS:
        raise AddressError("This is not an e-mail address; write one like dispatch@union.ml.")
    if not _DOMAIN.fullmatch(domain) or len(text) > MAX_EMAIL_CHARS:
        raise AddressError(
            "What follows the @ is not a domain; write one like dispatch@union.ml "
            "(a domain with accents in its xn-- form)."
        )
    return f"{local}@{domain.lower()}"


MAX_URL_CHARS = 500
#: What stands in a URL as it is; no space, no quote, no control character, no other alphabet.
_URL = re.compile(r"[A-Za-z0-9:/?\[\]@!$&'()*+,;=._~%-]+")


def check_webhook(text: str) -> str:
    """Return the URL `text` that events are posted to, its host in lower case.

    Whether its host may be called is asked where it is known what this machine may call.

    Raises:
        AddressError: it is no such URL, or holds a password.
    """
    text = text.strip(" ")
    if not _URL.fullmatch(text) or len(text) > MAX_URL_CHARS:
        raise AddressError("This is not a URL; write one like https://example.org/sira.")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise AddressError("This is not a URL; write one like https://example.org/sira.") from error
    named = host is not None and all(host.removesuffix(".").split("."))
    if parts.scheme.lower() not in {"https", "http"} or not host or not named or port == 0:
        raise AddressError("A webhook is called by https: write https://example.org/sira.")
    if parts.username is not None or parts.password is not None:
        raise AddressError("A webhook takes no user name: every event is signed.")
    shown = f"[{host}]" if ":" in host else host
    place = f"{shown}:{port}" if port is not None else shown
    return parts._replace(
        scheme=parts.scheme.lower(), netloc=place, path=parts.path or "/"
    ).geturl()


def same_address(address: str) -> str:
    """Return what is equal for addresses that reach the same person.

    No provider that matters tells `Dispatch@` from `dispatch@`, whatever RFC 5321 allows.
    """
    return address.lower()


def mask(channel: str, address: str) -> str:
    """Return `address` so that its owner recognises it and nobody else can use it.

    `+223 ** ** ** 56`, `d***@union.ml`, `hooks.union.ml/***`.
    """
    if channel == "webhook":
        return _mask_webhook(address)
    return _mask_email(address) if channel == "email" else _mask_phone(address)


def mask_at_rest(channel: str, address: str) -> str:
    """Return what is kept of `address` beside the sealed one, for lists that open nothing.

    A domain and a host name the organisation, whose name is sealed: a dump would tell which company
    wants to hear of which road for which cargo. So they are shown from the vault alone.
    """
    if channel == "webhook":
        return HIDDEN
    if channel == "email":
        return _mask_email(f"{address.rpartition('@')[0]}@{HIDDEN}")
    return _mask_phone(address)


def _mask_webhook(address: str) -> str:
    """Return the host alone: what follows it is often a secret."""
    place = urlsplit(address).netloc
    masked = f"{place}/***"
    return masked if len(masked) <= _MASKED_CHARS else f"...{masked[3 - _MASKED_CHARS :]}"


def _mask_phone(address: str) -> str:
    number = phonenumbers.parse(address, None)
    national = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    code = f"+{number.country_code}"
    rest = national.removeprefix(code)
    hidden = len(rest) - 2
    return f"{code}{re.sub(r'[0-9]', '*', rest[:hidden])}{rest[hidden:]}"


def _mask_email(address: str) -> str:
    local, _, domain = address.rpartition("@")
    masked = f"{local[0] if len(local) >= _SHORT_LOCAL else ''}***@{domain}"
    if len(masked) <= _MASKED_CHARS:
        return masked
    return f"{masked[: _MASKED_CHARS - 7]}...{masked[-4:]}"
