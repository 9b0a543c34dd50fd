"""Somebody at a browser, without one: cookies kept, forms filled in and sent as browsers do."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx
from typing_extensions import override

from app.accounts.keys import Scope
from tests.harness.api import Api

ORIGIN = "http://sira.test"


@dataclass
class Form:
    """A form as it stands on a page.

    Attributes:
        fields: What would be sent if nothing was touched.
        choices: The values of each group of radio buttons, in order.
    """

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._text: str | None = None
        self._select: str | None = None

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(found["action"])
            self.forms.append(self._open)
        elif self._open is not None:
            self._field(self._open, tag, found)

    def _field(self, form: Form, tag: str, found: dict[str, str]) -> None:
        name, value = found.get("name", ""), found.get("value", "")
        if tag == "textarea":
            self._text, form.fields[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            if "selected" in found or self._select not in form.fields:
                form.fields[self._select] = value
        elif tag == "input" and found.get("type") in {"radio", "checkbox"}:
            form.choices.setdefault(name, []).append(value)
            if "checked" in found:
                form.fields[name] = value
        elif tag == "input":
            form.fields[name] = value

    @override
    def handle_data(self, data: str) -> None:
        if self._open is not None and self._text is not None:
            before = self._open.fields[self._text]
            # a line break right after the tag is no part of the text (HTML, 13.1.2.5)
            self._open.fields[self._text] = before + data if before else data.removeprefix("\n")

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._text = None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._open = None


def forms(page: str) -> list[Form]:
    """Return the forms of a page, in order."""
    reader = _Forms()
    reader.feed(page)
    return reader.forms


def form_with(page: str, field: str) -> int:
    """Return the number of the first form of a page that has a field."""
    return next(n for n, form in enumerate(forms(page)) if field in form.fields)


@dataclass
class Visitor:
    """A browser of one person."""

    client: httpx.AsyncClient

    async def get(self, path: str) -> httpx.Response:
        """Open a page."""
        return await self.client.get(path)

    async def send(
        self, page: httpx.Response, number: int = 0, /, *, origin: str = ORIGIN, **fields: str
    ) -> httpx.Response:
        """Send the form of `page` with these fields filled in."""
        form = forms(page.text)[number]
        return await self.post(form.action, {**form.fields, **fields}, origin=origin)

    async def post(
        self, path: str, fields: dict[str, str], *, origin: str | None = ORIGIN
    ) -> httpx.Response:
        """Send fields to a path."""
        headers = {"Origin": origin} if origin is not None else {}
        return await self.client.post(path, data=fields, headers=headers)

    async def sign_in(self, key: str, *, path: str = "/fr/sign-in", **fields: str) -> str:
        """Sign in with a key; return where it leads."""
        answer = await self.send(await self.get(path), key=key, **fields)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    @property
    def token(self) -> str:
        """The token of the session that the browser holds."""
        return str(self.client.cookies["session"])


def visitor(api: Api, *, host: str = "127.0.0.1") -> Visitor:
    """Return somebody with a browser that knows nothing yet, at an address on the network."""
    client = api.client(host=host)
    client.headers["Accept"] = "text/html"
    return Visitor(client)


async def at_the_desk(api: Api, key: str | None = None) -> Visitor:
    """Return a moderator who has signed in; of all organisations, or with the key given."""
    someone = visitor(api)
    await someone.sign_in(key or api.key(Scope.MODERATOR))
    return someone
