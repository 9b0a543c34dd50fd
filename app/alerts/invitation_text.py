"""What an invitation says: who invites, to what, and how to answer where one can. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.alerts.sms_text import segments, to_gsm7


class Answering(StrEnum):
    """How whoever is invited can answer."""

    #: By SMS.
    REPLY = "reply"
    #: Not at all: he tells the code to who invites him, who enters it.
    READ_OUT = "read_out"
    #: By the link of an e-mail.
    LINK = "link"
    #: An e-mail without a link: the service has no public address.
    MAIL = "mail"


_TEXTS: Mapping[tuple[str, Answering], str] = {
    ("fr", Answering.REPLY): "Sira: {who} vous invite à recevoir les alertes routières. "
    "Répondez OK {code} pour accepter, NON pour refuser.",
    ("en", Answering.REPLY): "Sira: {who} invites you to receive road danger alerts. "
    "Reply OK {code} to accept, NO to refuse.",
    ("fr", Answering.READ_OUT): "Sira: {who} vous invite à recevoir les alertes routières. "
    "Pour accepter, dites-lui ce code: {code}. Sinon, ne faites rien.",
    ("en", Answering.READ_OUT): "Sira: {who} invites you to receive road danger alerts. "
    "To accept, tell them this code: {code}. If not, do nothing.",
    ("fr", Answering.LINK): "{who} vous invite à recevoir par e-mail les alertes routières de "
    "Sira.\n\nAccepter ou refuser : {link}\n\nVous pouvez aussi dire ce code à {who} : {code}\n\n"
    "Sans réponse de votre part, rien d'autre ne vous sera envoyé.",
    ("en", Answering.LINK): "{who} invites you to receive Sira's road danger alerts by e-mail."
    "\n\nAccept or refuse: {link}\n\nYou may also tell this code to {who}: {code}\n\n"
    "If you do not answer, nothing more will be sent to you.",
    ("fr", Answering.MAIL): "{who} vous invite à recevoir par e-mail les alertes routières de "
    "Sira.\n\nPour accepter, dites-lui ce code : {code}\n\n"
    "Sans réponse de votre part, rien d'autre ne vous sera envoyé.",
    ("en", Answering.MAIL): "{who} invites you to receive Sira's road danger alerts by e-mail."
    "\n\nTo accept, tell them this code: {code}\n\n"
    "If you do not answer, nothing more will be sent to you.",
}
_SUBJECTS = {"fr": "Sira: {who} vous invite", "en": "Sira: {who} invites you"}
#: In place of a name that no SMS has room for.
_NAMELESS = {"fr": "une organisation", "en": "an organisation"}
_REPLIES = {
    (
        "fr",
        "right",
    ): "Sira: c'est noté, vous recevrez les alertes. Répondez STOP pour ne plus rien recevoir.",
    ("en", "right"): "Sira: done, you will receive the alerts. Reply STOP to end them.",
    ("fr", "wrong"): "Sira: ce code n'est pas le bon. Répondez OK et le code du message.",
    ("en", "wrong"): "Sira: this is not the code. Reply OK and the code in the message.",
    ("fr", "spent"): "Sira: trop de codes faux, cette invitation n'est plus valable.",
    ("en", "spent"): "Sira: too many wrong codes, this invitation is no longer good.",
    ("fr", "refused"): "Sira: c'est noté, vous ne recevrez rien et ne serez plus invité.",
    ("en", "refused"): "Sira: noted, you will receive nothing and not be invited again.",
}
_ELSE = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Which text is shown: its name, and the hash of its words.

    The hash is of the words before name and code are put in: of a text with a code of six digits
    it would give the code away.
    """

    name: str
    hash: str


def wording_of(language: str, answering: Answering) -> Wording:
    """Return which text a language has for a way to answer."""
    language = _known(language)
    words = _TEXTS[language, answering]
    return Wording(
        name=f"{language}/{answering}", hash=hashlib.sha256(words.encode("utf-8")).hexdigest()
    )


def write_sms(wording: str, *, who: str, code: str) -> str:
    """Return the SMS of a wording by its name: one segment of GSM-7, whatever the organisation."""
    language, answering = _named(wording)
    words = to_gsm7(who).split()
    while words:
        text = _TEXTS[language, answering].format(who=" ".join(words), code=code)
        if segments(text) == 1:
            return text
        words.pop()
    return _TEXTS[language, answering].format(who=_NAMELESS[language], code=code)


def write_mail(wording: str, *, who: str, code: str, link: str | None) -> tuple[str, str]:
    """Return (subject, text) of the e-mail of a wording."""
    language, answering = _named(wording)
    who = " ".join(who.split())
    text = _TEXTS[language, answering].format(who=who, code=code, link=link)
    return _SUBJECTS[language].format(who=who), text


def write_answer(language: str, what: str) -> str:
    """Return the SMS that answers an answer: `right`, `wrong`, `spent` or `refused`."""
    return _REPLIES[_known(language), what]


def _named(wording: str) -> tuple[str, Answering]:
    language, _, answering = wording.partition("/")
    return language, Answering(answering)


def _known(language: str) -> str:
    return language if language in _SUBJECTS else _ELSE
