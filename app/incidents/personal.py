"""What of a text leads to a person: telephone numbers, e-mail addresses, links to a telephone."""

import re
from urllib.parse import unquote

#: Those that are not seen, too: they come along where a number is copied.
_GAP = r"[ \u00a0\u2007\u2009\u202f.\-/_\u2010-\u2015\u200b-\u200d\u2060\ufeff\u00ad]"
#: No more letters before the @ than a mailbox may have, nothing after it read twice: a text without
#: an address would be searched anew from each of its letters to its end.
_MAIL = r"[\w.+-]{1,64}@[\w-]++(?:\.[\w-]++)+"
#: Behind the zeros stands a country's number, which begins with none: "50 000-60 000 litres" stays.
_ABROAD = rf"(?:\+\d|\b00[1-9])(?:{_GAP}|[\d()]){{6,}}\d"
#: National, by the groups people write; one sort of gap, so that "06/09-07/09" stays.
_IN_GROUPS = (
    rf"\b\d{{2}}({_GAP})\d{{2}}(?:\1\d{{2}}){{2,}}\b"
    rf"|\b\d{{2}}({_GAP})\d{{3}}\2\d{{2}}\2\d{{2}}\b"
    rf"|\b\d{{3}}({_GAP})\d{{3}}\3\d{{2}}\b"
    r"|\b(?!(?:19|20)\d\d[^\d](?:19|20))[2-9]\d{3}[ \u00a0\u2007\u2009\u202f]\d{4}\b"
)
#: From one round number to another, "5000-6000 FCFA"; kilometres and a day, "PK 55-60 06/09".
_NO_MOBILE = (
    rf"(?!\d\d00{_GAP}{{1,3}}\d\d00(?!\d)"
    r"|\d\d ?[-\u2010-\u2015/] ?\d\d +"
    r"(?:(?:0[1-9]|[12]\d|3[01])[./-](?:0[1-9]|1[0-2])(?!\d)|20[12]\d(?!\d)))"
)
#: Mobiles of here begin with 5 to 9: in whatever pairs and gaps, stuck to a word ("tel76123456"),
#: digit by digit. Groups of three stay, for 60 000 000 is money, and so do decimals, and minutes
#: with the day behind them.
_IN_A_HURRY = (
    rf"(?<!\d)(?<!\d[.hH:]){_NO_MOBILE}[5-9]\d(?:{_GAP}{{0,3}}\d\d){{3}}(?!\w)"
    r"|(?<=[^\W\d_])2[1-4]\d{9,10}(?!\w)"
    rf"|(?<!\d)\d(?:{_GAP}{{1,3}}\d){{7,}}(?!\w)"
)
_ADDRESS = re.compile(rf"{_MAIL}|{_ABROAD}|\b\d{{8,}}\b|{_IN_GROUPS}|{_IN_A_HURRY}")

#: A page is read by these; every other scheme dials, writes or opens an application.
_SCHEME = re.compile(r"(?i)(?!https?:)[a-z][a-z0-9+-]*:")
_OF_A_PERSON = re.compile(
    r"(?i)@|//(?:[\w-]+\.)*(?:wa|t|signal)\.me(?::\d+)?(?:/|$)"
    r"|phone=|\b(?:tel|telephone|gsm|mobile|msisdn|sms|call|whatsapp)[=/:]\D{0,2}\d{7}"
)
_BETWEEN_PARTS = re.compile(r"[/?&#=;,:!]")
#: A whole part of a link, since the numbers in it may be a page's own: dates, ids of articles and
#: posts. Without a plus it must begin as numbers of this part of the world do, +21x to +24x.
_NUMBER = re.compile(rf"{_IN_GROUPS}|{_ABROAD}|2[1-4]\d{{9,11}}")


def without_addresses(text: str) -> str:
    """Return `text` with telephone numbers and e-mail addresses taken out."""
    return _ADDRESS.sub("[...]", text)


def leads_to_a_person(link: str) -> bool:
    """Tell whether the address of a page is none, but dials, writes to or names a person.

    The digits of a page's own stay: a link with a date or with the id of an article is no number.
    """
    link = unquote(link.strip())
    if _SCHEME.match(link):
        return True
    if "/" not in link:
        return without_addresses(link) != link
    full = link if "//" in link else f"//{link}"
    parts = _BETWEEN_PARTS.split(full)
    return bool(_OF_A_PERSON.search(full)) or any(_NUMBER.fullmatch(part) for part in parts)
