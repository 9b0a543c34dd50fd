"""Reports: the way in."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, status
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from sqlalchemy import Connection

from app.accounts.keys import Scope
from app.api.bodies import PlaceIn, located, once_header
from app.api.report_bodies import (
    BatchEntry,
    BatchIn,
    BatchItemOut,
    BatchOut,
    RangeIn,
    ReportIn,
    ReportOutcomeOut,
    SourceIn,
    StoredReportOut,
    stored_out,
)
from app.core.errors import DomainError, ForbiddenError, InvalidError
from app.db.illness import Illness, illness_of
from app.flows.desk import unlocated
from app.flows.desk.of_message import of_message
from app.flows.desk.write_back import Writer
from app.flows.reports.filing import Filing
from app.flows.reports.tell_reporter import as_told, told_id
from app.http.deps import Caller, ModeratorDep, NowDep, ReporterDep, StateDep, allows, charge
from app.http.model import in_order
from app.http.openapi import problem
from app.http.pagination import Page, Window, window
from app.http.problems import Problem, document, from_domain, from_illness, from_validation
from app.http.routing import api_router
from app.http.state import AppState
from app.http.taking import take
from app.incidents import store as incident_store
from app.incidents.filed import FiledReport, as_history
from app.incidents.report import Basis, Range
from app.incidents.store import ReportNotFoundError, StoredReport
from app.roads.geometry import Position
from app.roads.places import MIDPOINT
from app.subscribers.store import inbound

router = api_router("/reports", tag="reports")

#: Reports of a batch handed to the database at once: they share its commits.
BATCH_STRIDE = 100

REPLAY: dict[int | str, dict[str, Any]] = {
    200: {"model": ReportOutcomeOut, "description": "The same report again: answered as before."},
    409: problem(409),
}

IdempotencyKey = Annotated[str | None, once_header("the report counts once")]


@router.post(
    "", status_code=status.HTTP_201_CREATED, response_model=ReportOutcomeOut, responses=REPLAY
)
async def post_report(
    *,
    body: ReportIn,
    caller: ReporterDep,
    state: StateDep,
    now: NowDep,
    idempotency_key: IdempotencyKey = None,
    _mode: Annotated[
        Literal["live"],
        Query(alias="mode", description="History goes by `/v1/reports/batch?mode=backfill`."),
    ] = "live",
) -> JSONResponse:
    """Take a report; answer what it changed and why. A repeated one is answered as the first time.

    A place that is unknown or ambiguous is answered with candidates, and nothing is stored.
    """
    filing = _filing(body, caller, now=now, idempotency_key=idempotency_key)
    filing = await _of_message(filing, body, caller, state)
    outcome = await take(filing, state, now=now)
    code = status.HTTP_200_OK if outcome.replayed else status.HTTP_201_CREATED
    # As it was stored: made by us, not looked through once more; the same bytes each time.
    known = {"also": [], **outcome.answer}  # earlier versions answered without
    told = {name: in_order(known[name]) for name in ReportOutcomeOut.model_fields}
    return JSONResponse(told, status_code=code)


@router.post("/batch")
async def post_reports(
    *,
    body: BatchIn,
    caller: ReporterDep,
    state: StateDep,
    now: NowDep,
    mode: Annotated[
        Literal["live", "backfill"],
        Query(
            description="`backfill` rates, but alerts nobody: for history, which counts as told"
            " when it happened."
        ),
    ] = "live",
    idempotency_key: IdempotencyKey = None,
) -> BatchOut:
    """Take up to 1,000 reports; each succeeds or fails by itself.

    When the database falls ill on the way, those that were not taken have status 503 each: send
    them again. None was taken: the whole answer is 503.

    A report whose place is not found is kept for a moderator.
    """
    filed = body.reports
    charge(state, caller, len(filed) / 100, now=now)
    items: list[BatchItemOut] = []
    ill: BaseException | None = None
    for start in range(0, len(filed), BATCH_STRIDE):
        stride = list(enumerate(filed[start : start + BATCH_STRIDE], start))
        if ill is not None:
            items += [_untried(index, ill) for index, _ in stride]
            continue
        taking = (
            _take_one(
                index,
                entry,
                caller,
                state,
                now=now,
                backfill=mode == "backfill",
                idempotency_key=idempotency_key and f"{idempotency_key}#{index}",
            )
            for index, entry in stride
        )
        for index, one in enumerate(await asyncio.gather(*taking, return_exceptions=True), start):
            if isinstance(one, BaseException):
                items.append(_ill(index, one))
                ill = one
            else:
                items.append(one)
    accepted = sum(item.problem is None for item in items)
    if ill is not None and not accepted:
        raise ill
    return BatchOut(accepted=accepted, refused=len(items) - accepted, items=items)


@router.get("")
async def list_unlocated(
    _caller: ModeratorDep,
    state: StateDep,
    page: Annotated[Window, Depends(window("reports"))],
    *,
    set_aside: Annotated[
        bool, Query(description="Those whose place nobody looks for now.")
    ] = False,
) -> Page[StoredReportOut]:
    """List the reports that wait for somebody to say where they speak of."""

    def work(conn: Connection) -> tuple[list[StoredReport], frozenset[str]]:
        rows = incident_store.list_unlocated(
            conn, after=page.after, limit=page.fetch, aside=set_aside
        )
        return rows, inbound.under_duress(conn, [row.id for row in rows])

    rows, forced = await state.db.read(work)
    kept, following = page.page(rows, lambda row: row.id)
    return Page(items=[stored_out(row, duress=row.id in forced) for row in kept], next=following)


@router.get("/{report_id}")
async def get_report(report_id: str, caller: ReporterDep, state: StateDep) -> StoredReportOut:
    """Return a report and what became of it; reporters see their own."""

    def work(conn: Connection) -> StoredReport:
        stored = incident_store.get_report(conn, report_id)
        if caller.scope is not Scope.REPORTER:
            return stored
        if stored.key_id != caller.key_id:
            raise ReportNotFoundError(f"no report {report_id[:40]}")
        if inbound.under_duress(conn, [stored.id]):
            return as_told(stored)
        found = incident_store.find_incident(conn, stored.incident_id or "")
        return replace(stored, incident_id=told_id(stored, found) if found is not None else None)

    return stored_out(await state.db.read(work))


@router.post("/{report_id}/place")
async def place_report(
    report_id: str, body: PlaceIn, caller: ModeratorDep, state: StateDep, now: NowDep
) -> ReportOutcomeOut:
    """Say where a report that waits for a place speaks of; it then goes the way of every other."""
    stored = await state.db.read(lambda conn: incident_store.get_report(conn, report_id))
    location = located(body, state, kind=stored.filed.kind if stored.filed else None)
    answer = await state.db.write(
        lambda conn: unlocated.place_unlocated(
            conn, report_id, location, actor=caller.key_id, context=state.context, now=now
        )
    )
    state.wake()
    return ReportOutcomeOut.model_validate(answer)


async def _take_one(
    index: int,
    entry: Any,
    caller: Caller,
    state: AppState,
    *,
    now: datetime,
    backfill: bool,
    idempotency_key: str | None,
) -> BatchItemOut:
    try:
        item = BatchEntry.model_validate(entry)
        key = item.idempotency_key or idempotency_key
        filing = _filing(item, caller, now=now, idempotency_key=key)
        filing = await _of_message(filing, item, caller, state)
        filing = replace(
            filing,
            filed=as_history(filing.filed) if backfill else filing.filed,
            backfill=backfill,
            keep_unplaced=True,
        )
        outcome = await take(filing, state, now=now)
    except ValidationError as error:
        return _refused(index, from_validation(error, entry))
    except DomainError as error:
        return _refused(index, from_domain(error))
    code = status.HTTP_200_OK if outcome.replayed else status.HTTP_201_CREATED
    return BatchItemOut(index=index, status=code, **outcome.answer)


def _ill(index: int, error: BaseException) -> BatchItemOut:
    """Return what kept a report from being taken; raise what is no illness of the database."""
    illness = illness_of(error)
    if illness is None:
        raise error
    return _refused(index, from_illness(illness))


def _untried(index: int, error: BaseException) -> BatchItemOut:
    illness = illness_of(error)
    words = illness.words if illness is not None else ""
    return _refused(index, from_illness(Illness(words=words)))


def _refused(index: int, problem: Problem) -> BatchItemOut:
    path = f"/v1/reports/batch#{index}"
    return BatchItemOut(index=index, status=problem.status, problem=document(problem, path=path))


def _filing(
    body: ReportIn, caller: Caller, *, now: datetime, idempotency_key: str | None
) -> Filing:
    source = body.source or SourceIn()
    return Filing(
        filed=FiledReport(
            kind=body.kind,
            occurred_at=body.occurred_at,
            reported_at=now,
            date_precision=body.date_precision,
            starts_at=body.starts_at,
            place=body.place,
            region=body.region,
            road=body.road,
            km=body.km,
            towards=body.towards,
            position=Position(body.position.lat, body.position.lon) if body.position else None,
            precision=MIDPOINT if body.somewhere else None,
            summary=body.summary,
            figures=body.figures,
            cargo=body.cargo,
            actor=body.actor,
            target=body.target,
            fatalities=_range(body.fatalities),
            abducted=_range(body.abducted),
            vehicles=_range(body.vehicles),
            source_name=source.name,
            source_type=source.type,
            source_url=source.url,
            language=body.language,
            basis=_basis(body),
        ),
        key_id=caller.key_id,
        trusted=caller.scope is not Scope.REPORTER,
        body_hash=_hash(body),
        idempotency_key=idempotency_key,
    )


async def _of_message(filing: Filing, body: ReportIn, caller: Caller, state: AppState) -> Filing:
    """Return what is filed as the word of the phone that wrote, where it is made of a message.

    Raises:
        InvalidError: It says `besides`, and not of which message.
        ForbiddenError: Only the desk makes reports of messages. NotFoundError: it knows of none.
    """
    inbound_id = body.inbound_id
    if inbound_id is None:
        if body.besides:
            detail = "Say of which message by `inbound_id`."
            raise InvalidError(detail, errors=[{"pointer": "/besides", "detail": detail}])
        return filing
    if not allows(caller.scope, Scope.MODERATOR):
        raise ForbiddenError("Reports of messages are made with a key of scope moderator.")
    writer = Writer(key_id=caller.key_id, organisation_id=caller.organisation_id)
    return await state.db.read(
        lambda conn: of_message(
            conn, filing, inbound_id, writer=writer, besides=body.besides, context=state.context
        )
    )


def _basis(body: ReportIn) -> Basis:
    """Return how the source knows; who files what another wrote was told, unless he says else."""
    unsaid = body.inbound_id is not None and "basis" not in body.model_fields_set
    return Basis.RELAYED if unsaid else body.basis


def _hash(body: ReportIn) -> str:
    """Return a hash of a report; what older versions did not ask changes none of theirs."""
    asked_since = {"starts_at": None, "inbound_id": None, "besides": False, "somewhere": False}
    unsaid = {name for name, value in asked_since.items() if getattr(body, name) == value}
    return hashlib.sha256(body.model_dump_json(exclude=unsaid or None).encode()).hexdigest()


def _range(figure: int | RangeIn | None) -> Range | None:
    if figure is None:
        return None
    if isinstance(figure, int):
        return Range(low=figure, high=figure)
    return Range(low=figure.low, high=figure.high)
