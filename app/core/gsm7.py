"""The alphabet of an SMS of 160 letters, GSM 03.38: beyond it, 70 fit."""

#: Source: 3GPP TS 23.038, 6.2.1 (basic alphabet, without the escape).
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: Source: 3GPP TS 23.038, 6.2.1.1 (each is an escape and a septet).
EXTENSION = frozenset("\f^{}\\[~]|€")

_ALPHABET = BASIC | EXTENSION


def is_gsm7(text: str) -> bool:
    """Return whether every character of `text` is in the GSM 7-bit alphabet."""
    return _ALPHABET.issuperset(text)
