"""What a report taken down at the desk would set off, shown before it is filed."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.accounts.keys import Scope as KeyScope
from app.accounts.sessions import form_token
from app.flows.desk.foresee import Foreseen, foresee
from app.flows.report_incident import report_incident
from app.flows.reports.filing import Filing, check_and_locate
from app.http.state import AppState
from app.web.desk.foreseen import foreseen_values
from app.web.desk.values import named_out
from app.web.maker import Maker, other_of
from app.web.rendering import Page
from app.web.report_form import Filled
from app.web.report_values import changed_of
from app.web.speaking import Words
from app.web.visits import Visitor

#: The field that asks for it, and its values: to see first, or to fill in again.
LOOK, SEE, AMEND = "look", "1", "amend"


async def foresee_report(
    filing: Filing, state: AppState, *, organisation_id: str | None, now: datetime
) -> Foreseen:
    """Return what would follow from a report; nothing of it is kept.

    Raises:
        DomainError: It cannot be taken as it is.
    """
    found = check_and_locate(filing, context=state.context, now=now)

    def deed(conn: Connection) -> Mapping[str, Any]:
        outcome = report_incident(conn, filing, found, context=state.context, now=now)
        return {**outcome.answer, "replayed": outcome.replayed}

    return await foresee(
        state.db,
        deed,
        actor=filing.key_id,
        config=state.config,
        now=now,
        organisation_id=organisation_id,
    )


def foreseen_sheet(
    maker: Maker,
    words: Words,
    found: Foreseen,
    *,
    form: Filled,
    once: str,
    visitor: Visitor,
    now: datetime,
) -> Page:
    """Return the page that shows it, with all that was filled in."""
    state = maker.state
    known = (one["incident"] for one in (found.answer, *found.answer["also"]))
    incidents = [one for one in known if one is not None]
    joins = "sure_opens" if any(one["is_new"] for one in incidents) else "sure_joins"
    is_admin = visitor.key.scope is KeyScope.ADMIN
    told = found.people_now or found.later
    button = words("do_report_sure")
    return maker.page(
        "desk_sure",
        words,
        path=f"/{other_of(words)}/report",
        now=now,
        style="desk",
        title=words("sure_report"),
        said="",
        bad=False,
        token=form_token(visitor.token),
        here=f"/{words.language}/report",
        at_desk=True,
        at_rules=is_admin,
        at_home=is_admin,
        about=words(joins, what="; ".join(named_out(one, words) for one in incidents)),
        becomes="",
        button=words("do_send", what=button) if told else button,
        amend=words("do_amend"),
        carried={**asdict(form), "once": once},
        noted=False,
        changed=changed_of(found.answer["effects"], state.context, words),
        **foreseen_values(found, words, state.config, now=now),
    )
