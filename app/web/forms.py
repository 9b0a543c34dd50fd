"""Forms as they come back: their fields, whether they are ours, and where to go after."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, quote, urlsplit

from starlette.types import Receive, Scope, Send

from app.accounts.sessions import is_form_token
from app.core.errors import ForbiddenError
from app.core.text import without_turns
from app.http.problems import EdgeError
from app.http.state import AppState
from app.incidents.personal import without_addresses
from app.web.sending import PRIVATE
from app.web.visits import Header

#: The field with the token of the session or visit.
TOKEN = "token"  # noqa: S105 - the name of a field
#: In a query: a form came too late, when its sender was signed in no more.
LOST = "lost"

_MOST_FIELDS = 60
#: Of a form that came when its sender was signed in no more: its fields go on under other names.
_CARRIED = "typed-"
_MOST_CARRIED, _LONGEST_CARRIED = 50, 20_000
#: Characters of a note that are kept, as many as the API takes.
_NOTE_LIMIT = 500
_FORM = b"application/x-www-form-urlencoded"
#: With `no-referrer`, as the edge has it, browsers send `Origin: null` with our own forms.
#: Source: Fetch, 4.6, "append a request Origin header".
FORM_HEADERS: tuple[Header, ...] = ((b"referrer-policy", b"same-origin"),)
#: Pages that signing in may lead to: none but our own, and none that changes anything.
_BELOW = r"map|report|routes/[A-Za-z0-9-]{1,40}|(?:desk|rules|my)(?:/[a-z]{1,20}(?:/[\w-]{1,64})?)?"
_PAGE = re.compile(
    rf"/(?:(?:fr|en)(?:/(?:{_BELOW}))?|{_BELOW})?(?:\?[A-Za-z0-9=&%+._-]{{0,200}})?", re.ASCII
)


async def read_form(scope: Scope, receive: Receive, *, most: int = _MOST_FIELDS) -> dict[str, str]:
    """Return the fields of a form, which read as they are written; of a name given twice the first.

    Raises:
        EdgeError: The body is no form. How large it may be, the edge knows.
    """
    headers = dict(scope["headers"])
    if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != _FORM:
        raise EdgeError("bad-request", "This takes a form.")
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    try:
        text = body.decode("ascii")
        found = parse_qs(text, keep_blank_values=True, max_num_fields=most, errors="replace")
    except ValueError as error:  # a UnicodeDecodeError is one: browsers send ASCII
        raise EdgeError("bad-request", "The form cannot be read.") from error
    return {name: without_turns(values[0]) for name, values in found.items()}


def note_of(form: Mapping[str, str], name: str) -> str | None:
    """Return what somebody wrote beside a record, without the numbers that it may not keep."""
    return without_addresses(form.get(name, "").strip())[:_NOTE_LIMIT] or None


def carried(typed: Mapping[str, str]) -> dict[str, str]:
    """Return what somebody typed as fields that pass through signing in; {} where it is too much.

    Nothing of what the form was to do: it comes back as it was filled in, to be sent again.
    """
    length = sum(map(len, typed.values()))
    if len(typed) > _MOST_CARRIED or length > _LONGEST_CARRIED:
        return {}
    return {f"{_CARRIED}{name}": value for name, value in typed.items()}


def carried_of(form: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that `carried` made, as they came back with another form."""
    return {name: value for name, value in form.items() if name.startswith(_CARRIED)}


def as_typed(fields: Mapping[str, str]) -> dict[str, str]:
    """Return what `carried` was given."""
    return {name.removeprefix(_CARRIED): value for name, value in fields.items()}


def must_be_ours(scope: Scope, state: AppState) -> None:
    """Refuse a form that a page of another site sent.

    Raises:
        ForbiddenError: The browser says that it did. One that says nothing is let through: its
            form still needs the token.
    """
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1")
    site = headers.get(b"sec-fetch-site", b"same-origin").decode("latin-1")
    if site not in {"same-origin", "none"} or (origin and not _is_ours(origin, headers, state)):
        raise ForbiddenError("The form was sent by another site.")


def has_token(form: Mapping[str, str], token: str) -> bool:
    """Tell whether the form came from a page of this session or visit."""
    return bool(token) and is_form_token(form.get(TOKEN, ""), token)


def safe_next(wanted: str) -> str:
    """Return the page to go to after signing in; "" where it is none of ours."""
    return wanted if _PAGE.fullmatch(wanted) else ""


def next_query(path: str, *, lost: bool = False) -> str:
    """Return the query that brings a reader back to `path`, where it is one of ours.

    Args:
        path: Of the page.
        lost: He sent a form, and nothing was done with it: he is told so.
    """
    given = [f"next={quote(path)}"] if safe_next(path) else []
    given += [f"{LOST}=1"] if lost else []
    return f"?{'&'.join(given)}" if given else ""


async def go_to(send: Send, path: str, *, more: tuple[Header, ...] = ()) -> None:
    """Send a browser on to a page of ours with a plain GET."""
    headers = [(b"location", path.encode()), (b"content-length", b"0"), (b"cache-control", PRIVATE)]
    await send({"type": "http.response.start", "status": 303, "headers": [*headers, *more]})
    await send({"type": "http.response.body", "body": b""})


def _is_ours(origin: str, headers: Mapping[bytes, bytes], state: AppState) -> bool:
    try:
        given = urlsplit(origin)
    except ValueError:
        return False
    public = urlsplit(state.settings.public_url or "")
    if public.netloc and (given.scheme, given.netloc) == (public.scheme, public.netloc):
        return True
    # reached directly, or through a proxy that keeps the host but not the scheme
    return bool(given.netloc) and given.netloc == headers.get(b"host", b"").decode("latin-1")
