"""Templates to bytes: one response with its style inside, squeezed once, with what it may load."""

import base64
import hashlib
import zlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.core.levels import Level
from app.web.own_scripts import SCRIPTS
from app.web.palette import INK, LINK, LOOKS, PAPER, QUIET
from app.web.roads.drawing import LABEL_SIZES
from app.web.speaking import Words, sentence

_DIRECTORY = Path(__file__).parent / "templates"
#: With a header as gzip has it, without the time: the same page is the same bytes.
_GZIP = 16 + zlib.MAX_WBITS
#: Little memory makes short blocks, each with a code of its own: what a map's numbers want is not
#: what words want.
_GZIP_LEVEL, _GZIP_MEMORY = 9, 5
_SQUEEZED = (b"content-encoding", b"gzip")
#: The worst first, as legends list them.
WORST_FIRST = sorted(Level, key=lambda level: -level.rank)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page in one encoding, with the headers that say so and its tag."""

    body: bytes
    tag: bytes
    headers: tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is sent: plain and squeezed.

    Attributes:
        at: When it was rendered: ages in it are of then.
    """

    plain: Sheet
    squeezed: Sheet
    at: datetime
    status: int = 200


class Press:
    """Renders pages; made once a process (`press`), safe between threads."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(_DIRECTORY),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {"sentence": sentence, "iso": _iso, "isoday": _iso_day}
        self._environment.globals |= {"scripts_at": SCRIPTS}
        self._environment.globals |= {"looks": {level: LOOKS[level] for level in WORST_FIRST}}
        self._styles = {
            name: self._style(name) for name in ("style", "road", "map", "form", "desk")
        }

    def _style(self, name: str) -> str:
        colours = {"paper": PAPER, "ink": INK, "quiet": QUIET, "link": LINK}
        looks = list(LOOKS.values())
        template = self._environment.get_template(f"{name}.css.j2")
        # a style sheet is no HTML: nothing in it is from outside, and `>` must stay what it is
        css = template.render(**colours, looks=looks, sizes=LABEL_SIZES)
        return str(css).replace("\n", "")

    def page(
        self,
        template: str,
        words: Words,
        *,
        now: datetime,
        style: str = "style",
        status: int = 200,
        scripts: bool = False,
        **values: Any,
    ) -> Page:
        """Return a page.

        Args:
            template: Its name, without `.html.j2`.
            words: The language.
            now: When it is rendered.
            style: Its style sheet.
            status: Of the response.
            scripts: It may run our own script, from its file, and ask this origin.
            values: What the template prints; every text in it is escaped.
        """
        css = self._styles[style]
        other = "en" if words.language == "fr" else "fr"
        html = self._environment.get_template(f"{template}.html.j2").render(
            w=words, now=now, other=other, style=css, **values
        )
        body = html.encode()
        tag = hashlib.sha256(body).hexdigest()[:20].encode()
        policy = _policy(css, scripts=scripts)
        squeezed = _squeezed(body)
        return Page(
            plain=_sheet(body, b'"' + tag + b'"', policy),
            squeezed=_sheet(squeezed, b'"' + tag + b'-gz"', policy, _SQUEEZED),
            at=now,
            status=status,
        )


def _squeezed(body: bytes) -> bytes:
    squeeze = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP, _GZIP_MEMORY)
    return squeeze.compress(body) + squeeze.flush()


def _sheet(body: bytes, tag: bytes, policy: bytes, *more: tuple[bytes, bytes]) -> Sheet:
    headers = (
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"content-security-policy", policy),
        (b"etag", tag),
        *more,
    )
    return Sheet(body, tag, headers)


def _policy(css: str, *, scripts: bool) -> bytes:
    """Return what the page may load: its own style, its icon, and nothing else from anywhere."""
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    own = "; script-src 'self'; connect-src 'self'; worker-src 'self'" if scripts else ""
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self'; form-action 'self'; "
        f"base-uri 'none'; frame-ancestors 'none'{own}"
    ).encode()


@cache
def press() -> Press:
    """Return the press: its templates are read and compiled once."""
    return Press()


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%MZ")


def _iso_day(at: datetime) -> str:
    return at.strftime("%Y-%m-%d")
