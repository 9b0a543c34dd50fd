"""What Twilio does with a call that it was told to make: it asks us, and does as it is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

import httpx
from twilio.request_validator import RequestValidator

from tests.harness.twilio import ACCOUNT, TOKEN

#: Verbs and attributes that Twilio documents. Source: https://www.twilio.com/docs/voice/twiml
_KNOWN: Mapping[str, frozenset[str]] = {
    "Response": frozenset(),
    "Say": frozenset({"voice", "loop", "language"}),
    "Play": frozenset({"loop", "digits"}),
    "Pause": frozenset({"length"}),
    "Hangup": frozenset(),
    "Gather": frozenset(
        {"action", "finishOnKey", "input", "method", "numDigits", "timeout", "actionOnEmptyResult"}
    ),
}
_INSIDE_GATHER = frozenset({"Say", "Play", "Pause"})


@dataclass
class Line:
    """One call, from the moment it is answered.

    Attributes:
        client: Reaches the service, without a key.
        call: What Twilio was asked for.
        public_url: Of the service.
        heard: Everything that was said or played.
        verbs: Every verb, in order.
    """

    client: httpx.AsyncClient
    call: Mapping[str, str]
    public_url: str
    heard: list[str] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)
    _action: str | None = None

    async def pick_up(self, answered_by: str = "human") -> None:
        """Somebody or something answers."""
        form = {"CallStatus": "in-progress", "AnsweredBy": answered_by}
        await self._follow(self.call["Url"], form)

    async def press(self, digits: str) -> None:
        """Press keys while something is asked.

        Raises:
            AssertionError: Nothing is asked.
        """
        assert self._action is not None
        await self._follow(self._action, {"CallStatus": "in-progress", "Digits": digits})

    async def ends(self, status: str = "completed") -> httpx.Response:
        """Twilio tells what became of the call."""
        return await self.post(self.call["StatusCallback"], {"CallStatus": status})

    async def post(
        self, url: str, form: Mapping[str, str], *, token: str = TOKEN, signature: str | None = None
    ) -> httpx.Response:
        """Post a form as Twilio does, signed; or with a signature of something else."""
        signed = self.signed(url, form, token=token) if signature is None else signature
        return await self.client.post(
            url.removeprefix(self.public_url),
            data=self._whole(form),
            headers={"X-Twilio-Signature": signed},
        )

    def signed(self, url: str, form: Mapping[str, str], *, token: str = TOKEN) -> str:
        """Return Twilio's signature of a form."""
        return str(RequestValidator(token).compute_signature(url, self._whole(form)))

    def _whole(self, form: Mapping[str, str]) -> dict[str, str]:
        return {"CallSid": self.call["CallSid"], "AccountSid": ACCOUNT, **form}

    async def _follow(self, url: str, form: Mapping[str, str]) -> None:
        answer = await self.post(url, form)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("application/xml")
        self._action = None
        root = ElementTree.fromstring(answer.content)  # noqa: S314 - our own
        assert root.tag == "Response"
        for verb in root.iter():
            assert verb.attrib.keys() <= _KNOWN[verb.tag], (verb.tag, verb.attrib)
            self.verbs.append(verb.tag)
            if verb.tag in {"Say", "Play"}:
                assert verb.text
                assert verb.tag == "Play" or len(verb.text) <= 4096
                self.heard.append(verb.text)
            if verb.tag == "Gather":
                assert {child.tag for child in verb} <= _INSIDE_GATHER
                self._action = verb.attrib["action"]
