"""Reads a page as a person would: its words without tags, and what it links to."""

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

from typing_extensions import override

_SILENT = {"style", "script", "title"}


@dataclass
class Read:
    """What a page says.

    Attributes:
        words: Its text, blanks closed up.
        tags: Names of its elements, in order.
        attributes: (element, name, value) of all of them.
    """

    words: str = ""
    tags: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        """Return the values of an attribute, in order."""
        return [value for _, known, value in self.attributes if known == name]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.read = Read()
        self._silent = 0

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.read.tags.append(tag)
        self.read.attributes += [(tag, name, value or "") for name, value in attrs]
        self._silent += tag in _SILENT

    @override
    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT

    @override
    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.read.words += f" {data}"


def read(page: str) -> Read:
    """Return what `page` says."""
    reader = _Reader()
    reader.feed(page)
    reader.read.words = " ".join(reader.read.words.split()).replace(
        "\N{NARROW NO-BREAK SPACE}", " "
    )
    return reader.read


_TIED = re.compile(r'<(?:input|select) [^>]*aria-invalid="true" aria-describedby="([\w-]+)"')


def at_fields(page: str) -> str:
    """Return what is said of fields that are marked as wrong, and tied to what is said."""
    tied = _TIED.findall(page)
    said = [re.findall(rf'<p class="n e" id="{one}">(.*?)</p>', page) for one in tied]
    assert all(len(one) == 1 for one in said), tied
    return " ".join(unescape(" ".join(one for (one,) in said)).split())
