"""What a person wrote by hand, as an SMS carries it. Pure."""

from app.alerts.sms_text import to_gsm7


def as_sms(text: str) -> str:
    """Return `text` on one line, in the alphabet that makes the fewest SMS of it.

    Where that alphabet lacks a letter altogether, as it does Arabic and Tifinagh, the text stays
    as it is: what nobody can read is no saving.
    """
    line = " ".join(text.split())
    lost = any(char.isalnum() and not to_gsm7(char) for char in line)
    return line if lost else to_gsm7(line)
