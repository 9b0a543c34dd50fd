"""Names of a list that nobody knows: each waits for a moderator, as a report of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.core.ids import new_id
from app.flows.context import Context
from app.flows.reports.filing import Filing
from app.flows.reports.keep_unplaced import keep_for_moderator
from app.roads.places import Unplaced


def keep_left_open(
    conn: Connection,
    filing: Filing,
    names: Sequence[tuple[str, Unplaced]],
    *,
    told: Sequence[Mapping[str, Any]] = (),
    context: Context,
    now: datetime,
) -> list[Mapping[str, Any]]:
    """Keep what a report tells of each of `names`, and return what its sender is told of that.

    Those of the list that are known do not wait for them. Only the first place has the sender's
    key: sent again, the report is answered by that one.

    Args:
        conn: Any.
        filing: The report, with all of its list.
        names: Each with what is to be asked of it.
        told: What the sender was told already, by ids that he knows.
        context: Of the service.
        now: The instant of the report.
    """
    answers: list[Mapping[str, Any]] = list(told)
    for at, (name, asked) in enumerate(names):
        filed = replace(filing.filed, place=name, position=None, external_id=None)
        report_id = str(answers[at]["report"]["id"]) if told else new_id(now)
        outcome = keep_for_moderator(
            conn,
            replace(filing, filed=filed, idempotency_key=None, heard=None),
            asked,
            report_id=report_id,
            context=context,
            now=now,
        )
        if not told:
            report = {**outcome.answer["report"], "place": name}
            answers.append({"report": report, "incident": None})
    return answers
