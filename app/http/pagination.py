"""Listings by cursor: stable while rows are added, and no count of everything."""

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from fastapi import Query

from app.core.errors import InvalidError
from app.http.model import ApiModel

T = TypeVar("T")

MAX_LIMIT = 200
DEFAULT_LIMIT = 50
MAX_CURSOR_CHARS = 400
_CHECK_BYTES = 4

#: What a listing may be ordered by: ids, codes. Anything else never came from us.
_KEY_SHAPE = re.compile(r"[\w.:~-]{1,200}", re.ASCII)


class CursorError(InvalidError):
    """The cursor did not come from this listing. Take `next` of its last answer as it stands."""

    code: ClassVar[str] = "bad-cursor"
    title: ClassVar[str] = "The cursor does not belong here"


class Page(ApiModel, Generic[T]):
    """One page of a listing; `next` is the cursor of the page that follows, null at the end."""

    items: list[T]
    next: str | None


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a listing is asked for.

    Attributes:
        after: The order key of the last row already seen; None: from the start.
        limit: Rows on the page. Stores are asked for `fetch`, one more, to know if more follow.
    """

    listing: str
    limit: int
    after: str | None

    @property
    def fetch(self) -> int:
        """How many rows to ask the store for."""
        return self.limit + 1

    def page(self, rows: Sequence[T], key: Callable[[T], str]) -> tuple[list[T], str | None]:
        """Split `rows` (at most `fetch`) into the page and the cursor of the next one."""
        kept = list(rows[: self.limit])
        more = len(rows) > self.limit
        return kept, encode_cursor(self.listing, key(kept[-1])) if more and kept else None


def window(listing: str) -> Callable[..., Any]:
    """Return the dependency that reads `?cursor=&limit=` of the listing called `listing`."""

    async def read_window(
        limit: Annotated[
            int, Query(ge=1, le=MAX_LIMIT, description="Items on a page.")
        ] = DEFAULT_LIMIT,
        cursor: Annotated[
            str | None,
            Query(max_length=MAX_CURSOR_CHARS, description="`next` of the page before."),
        ] = None,
    ) -> Window:
        after = decode_cursor(listing, cursor) if cursor is not None else None
        return Window(listing, limit, after)

    return read_window


def encode_cursor(listing: str, key: str) -> str:
    """Return the cursor that stands after `key` in `listing`."""
    text = f"{listing}|{key}".encode()
    return base64.urlsafe_b64encode(_check(text) + text).rstrip(b"=").decode()


def decode_cursor(listing: str, cursor: str) -> str:
    """Return the key that `cursor` stands after.

    Raises:
        CursorError: it is garbled, or of another listing.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        raw = base64.b64decode(padded, altchars=b"-_", validate=True)
        text = raw[_CHECK_BYTES:]
        found, _, key = text.decode().partition("|")
    except (ValueError, binascii.Error) as error:
        raise cursor_error(listing) from error
    if raw[:_CHECK_BYTES] != _check(text) or found != listing or not _KEY_SHAPE.fullmatch(key):
        raise cursor_error(listing)
    return key


def _check(text: bytes) -> bytes:
    """Return what shows that a cursor was not cut short on its way; it keeps no secret."""
    return zlib.crc32(text).to_bytes(_CHECK_BYTES)


def cursor_error(listing: str) -> CursorError:
    """Return the error of a cursor that did not come from `listing`."""
    detail = f"This is not a cursor of {listing}: send `next` of its last answer, or leave it out."
    return CursorError(detail, errors=[{"parameter": "cursor", "in": "query", "detail": detail}])
