"""The form for a report where there is no network: a worker that keeps it, a token when it sends.

What a browser keeps is the empty form, the same for everybody: no key, no token, nothing of who
reports. The worker is one file with all of it inside, so that form and script are always of one
version, and taking the worker away leaves nothing.
"""

import gzip
import hashlib
import json

from starlette.types import Receive, Scope, Send

from app.accounts.keys import Scope as KeyScope
from app.accounts.sessions import form_token
from app.core.errors import ForbiddenError, UnauthorizedError
from app.http.deps import allows
from app.web.asking import report_sheet
from app.web.forms import must_be_ours
from app.web.maker import Maker
from app.web.own_scripts import REPORT_SCRIPT, WAITING, script_text
from app.web.rendering import Page, Sheet
from app.web.report.page import ReportPage
from app.web.report_form import Filled
from app.web.sending import PRIVATE, asked, language_of, send_page
from app.web.speaking import Words
from app.web.visits import visitor_of

_VARY = b"Accept-Encoding, Accept-Language"
_SOON = b"no-cache"
_KEPT = '"KEPT"'
#: Of the worker itself: it asks nobody but us, for a token and to send.
_POLICY = b"default-src 'none'; connect-src 'self'"


class ReportWorker:
    """`/report/worker.js`: the service worker of the form, and of no other page.

    Attributes:
        name: Of its path, below the language. `path`: of its route, as metrics are labelled.
    """

    name = "report/worker.js"

    def __init__(self, maker: Maker, path: str) -> None:
        self.maker, self.path = maker, path
        self._form = ReportPage(maker, path)
        self._scripts: dict[str, Page] = {}

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request."""
        scope["route"] = self
        wish = asked(scope)
        # the form is at the path above, and the worker sees nothing else
        within = scope["path"].removesuffix("/worker.js").encode()
        more = ((b"service-worker-allowed", within),)
        page = self._script(language_of(scope, wish))
        await send_page(send, page, wish, cache=_SOON, vary=_VARY, more=more)

    def _script(self, language: str) -> Page:
        if language not in self._scripts:
            self._scripts[language] = _worker(self._form, self.maker.words[language])
        return self._scripts[language]


class FormToken:
    """`/report/token`: what the kept form needs to send, for who is signed in and may report."""

    name = "report/token"

    def __init__(self, maker: Maker, path: str) -> None:
        self.maker, self.path = maker, path

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            UnauthorizedError: Nobody is signed in with this browser, or nobody any more.
            ForbiddenError: Another site asks, or the key is for something else.
        """
        scope["route"] = self
        state = self.maker.state
        must_be_ours(scope, state)
        visitor = await visitor_of(asked(scope), state)
        if visitor is None:
            raise UnauthorizedError("Sign in first.")
        if not allows(visitor.key.scope, KeyScope.REPORTER):
            raise ForbiddenError("This takes a key of scope reporter.")
        body = json.dumps({"token": form_token(visitor.token)}).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", PRIVATE),
            (b"vary", b"Cookie"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _worker(form: ReportPage, words: Words) -> Page:
    sheet = report_sheet(form, words, form=Filled(), token="", kept=True)
    headers = dict(sheet.plain.headers)
    kept = {
        "page": sheet.plain.body.decode(),
        "policy": headers[b"content-security-policy"].decode(),
        "script": REPORT_SCRIPT,
        "zone": str(words.zone),
    }
    body = (WAITING + script_text("worker").replace(_KEPT, json.dumps(kept))).encode()
    tag = hashlib.sha256(body).hexdigest()[:20].encode()
    squeezed = gzip.compress(body, 9, mtime=0)
    return Page(
        plain=_sheet(body, b'"' + tag + b'"'),
        squeezed=_sheet(squeezed, b'"' + tag + b'-gz"', (b"content-encoding", b"gzip")),
        at=sheet.at,
    )


def _sheet(body: bytes, tag: bytes, *more: tuple[bytes, bytes]) -> Sheet:
    headers = (
        (b"content-type", b"text/javascript; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"content-security-policy", _POLICY),
        (b"etag", tag),
        *more,
    )
    return Sheet(body, tag, headers)
