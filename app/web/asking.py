"""Forms as they are sent to a reader: for a key, and for a report. Nothing filled in is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from http import HTTPStatus
from typing import Any

from app.accounts.keys import ApiKey
from app.accounts.keys import Scope as KeyScope
from app.accounts.sessions import form_token, looks_like_token, new_token
from app.core.errors import NotFoundError
from app.flows.desk.write_back import Writer, find_message
from app.http.deps import allows
from app.http.state import AppState
from app.subscribers.store.inbound import Heard
from app.web import visits
from app.web.form_page import FormPage
from app.web.forms import next_query, safe_next
from app.web.rendering import Page
from app.web.report_form import Filled, filled
from app.web.report_values import form_values, said_in
from app.web.sending import Request
from app.web.speaking import Words
from app.web.visits import Header, visitor_of

#: The field with the key that makes a report count once.
ONCE = "once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a form comes back.

    Attributes:
        said: The name of a text, printed above the form.
        faults: Names of texts, by field.
        unplaced: Why the place was not found, and which may have been meant.
        instead: Where the report is that was made of the message before, below the language.
        fresh: The key that makes it count once is used up: the next try is another report.
        more: Further headers.
    """

    status: int
    said: str
    faults: Mapping[str, str] = field(default_factory=dict)
    unplaced: Mapping[str, Any] | None = None
    instead: str = ""
    fresh: bool = False
    more: tuple[Header, ...] = ()


NO_TROUBLE = Trouble(status=200, said="")


def kept_of(form: Mapping[str, str]) -> dict[str, str]:
    """Return what of a report came with a form, to be carried through signing in; {} for none."""
    given = asdict(filled(form))
    if given == asdict(Filled()):
        return {}
    return {**given, ONCE: form.get(ONCE, "")}


def desk_of(key: ApiKey) -> Writer | None:
    """Return the moderator whose key it is; None: it is of nobody at the desk."""
    if not allows(key.scope, KeyScope.MODERATOR):
        return None
    return Writer(key_id=key.id, organisation_id=key.organisation_id)


async def read_heard(form: Filled, desk: Writer | None, state: AppState) -> Heard | None:
    """Return the message that a report is made of at the desk.

    Raises:
        NotFoundError: There is none of which who sits there may know.
    """
    if not form.heard or desk is None:
        return None
    return await state.db.read(lambda conn: find_message(conn, form.heard, desk, state.context))


async def ask_for_key(
    page: FormPage,
    request: Request,
    *,
    after: str,
    kept: Mapping[str, str],
    trouble: Trouble = NO_TROUBLE,
    for_code: bool = False,
    among: Sequence[tuple[str, str]] = (),
    keep: bool = False,
) -> None:
    """Send the form for signing in.

    Args:
        page: Which sends it.
        request: Which it answers.
        after: The page to go to when it is done.
        kept: A report that was filled in before.
        trouble: Why it is asked again.
        for_code: A code was asked for, and is to be entered.
        among: Ids and names of organisations, where a code opens several.
        keep: He asked to stay signed in.
    """
    words = request.words
    visit = visits.visit_of(request.wish, page.state) or new_token()
    sheet = page.page(
        "sign_in",
        words,
        query=next_query(after),
        status=trouble.status,
        title=words("sign_in_title"),
        said=words(trouble.said) if trouble.said else "",
        after=safe_next(after),
        kept=kept,
        for_code=for_code,
        among=among,
        keeps=keep,
        token=form_token(visit),
        visitor=await visitor_of(request.wish, page.state),
    )
    more = (visits.keep_visit(visit, page.state), *trouble.more)
    await page.send(request, sheet, more=more)


async def ask_for_report(
    page: FormPage,
    request: Request,
    *,
    form: Filled,
    token: str,
    once: str = "",
    trouble: Trouble = NO_TROUBLE,
    desk: Writer | None,
) -> None:
    """Send the form for a report.

    Args:
        page: Which sends it.
        request: Which it answers.
        form: As it was filled in.
        token: Of the session.
        once: The key that makes it count once; a new one where this can be none.
        trouble: Why it comes back.
        desk: The moderator who fills it in and goes back to the desk; None: it is somebody else.
    """
    try:
        heard = await read_heard(form, desk, page.state)
    except NotFoundError:  # he signed in with another key on the way: what he filled in stays
        heard, form = None, replace(form, heard="", besides="")
        trouble = replace(trouble, status=HTTPStatus.NOT_FOUND, said="report_not_heard")
    sheet = report_sheet(
        page,
        request.words,
        form=form,
        token=form_token(token),
        once=once,
        trouble=trouble,
        at_desk=desk is not None,
        heard=said_in(heard) if heard is not None else "",
    )
    await page.send(request, sheet, more=trouble.more)


def report_sheet(
    page: FormPage,
    words: Words,
    *,
    form: Filled,
    token: str,
    once: str = "",
    trouble: Trouble = NO_TROUBLE,
    kept: bool = False,
    at_desk: bool = False,
    heard: str = "",
) -> Page:
    """Return the form for a report.

    Args:
        page: Which sends it.
        words: The language.
        form: As it was filled in.
        token: Of the form.
        once: The key that makes it count once; a new one where this can be none.
        trouble: Why it comes back.
        kept: A browser keeps it, to open it without a network: it holds no key of any kind.
        at_desk: It leads back to the desk.
        heard: The message that it is made of, as it was written.
    """
    values = form_values(
        form, page.state.context, words, faults=trouble.faults, unplaced=trouble.unplaced
    )
    fresh = "" if kept else new_token()
    return page.page(
        "report",
        words,
        status=trouble.status,
        title=words("report"),
        scripts=True,
        answered="",
        at_desk=at_desk,
        heard=heard,
        instead=trouble.instead,
        said=words(trouble.said) if trouble.said else "",
        token=token,
        once=once if looks_like_token(once) else fresh,
        **values,
    )
