"""Is the process up; is it ready to answer; what do the problem codes mean."""

import asyncio
import html
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as TooBusyError

from app.core.errors import NotFoundError
from app.db import migrate
from app.db.illness import GONE, illness_of
from app.flows.duty.watch import Check
from app.http.deps import StateDep
from app.http.model import ApiModel
from app.http.openapi import problem
from app.http.problems import EdgeError, explanations
from app.http.state import AppState

router = APIRouter(tags=["service"])

#: Whoever asks gets an answer within so long, s: probes wait for 10 s, most of them.
_WITHIN_S = 9.0
#: Of a database that hangs nobody knows whether it would have answered yet: none is called gone.
_LATE = "The database did not answer in time: it or this machine is too busy, or it hangs."


class Health(ApiModel):
    """The process answers."""

    status: str = "ok"


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz")
async def healthz() -> Health:
    """Tell that the process is up; nothing else is looked at."""
    return Health()


class ReadinessCheckOut(ApiModel):
    """One thing that must be so; `detail` says what is wrong when it is not."""

    name: str
    ok: bool
    detail: str | None


class Readiness(Health):
    """Everything that must be so is."""

    checks: list[ReadinessCheckOut]


Part = Annotated[
    Literal["api", "all"],
    Query(description="`api`: only what taking reports needs; for load balancers."),
]


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", responses={503: problem(503)})
async def readyz(state: StateDep, part: Part = "all") -> Readiness:
    """Tell that reports can be taken and that what follows from them reaches people in time.

    The database answers and takes writes, its tables are those of this version or of a newer one
    (which only adds to them), a worker runs, nothing that is due waits too long. Answers 503 with
    `checks` when one of these is not so.
    """
    checks = await _checks(state, part)
    if wrong := [check for check in checks if not check.ok]:
        raise _not_ready(wrong, checks)
    return Readiness(checks=_out(checks))


async def _checks(state: AppState, part: str) -> list[Check]:
    try:
        async with asyncio.timeout(_WITHIN_S):
            return await _looked_at(state, part)
    except (TimeoutError, TooBusyError):
        wrong = _LATE
    except SQLAlchemyError as error:
        illness = illness_of(error)
        wrong = illness.words if illness is not None else GONE
    return [Check(name="database", ok=False, detail=wrong)]


async def _looked_at(state: AppState, part: str) -> list[Check]:
    no_writes = await state.watch.no_writes()
    revision = await state.db.read(migrate.revision_at)
    checks = [
        Check(name="database", ok=no_writes is None, detail=no_writes or ""),
        Check(
            name="migrations",
            ok=revision == migrate.head_revision() or migrate.is_newer(revision),
            detail="The database is not at the newest revision: migrate it.",
        ),
    ]
    if part == "all" and checks[-1].ok:
        checks += (await state.watch.vitals()).checks(state.watch.limits)
    return checks


def _not_ready(wrong: Sequence[Check], checks: Sequence[Check]) -> EdgeError:
    error = EdgeError("unavailable", " ".join(check.detail for check in wrong))
    shown = [check.model_dump() for check in _out(checks)]
    error.problem = replace(error.problem, extra={"checks": shown})
    return error


def _out(checks: Sequence[Check]) -> list[ReadinessCheckOut]:
    return [
        ReadinessCheckOut(**{**asdict(check), "detail": None if check.ok else check.detail})
        for check in checks
    ]


@router.get(
    "/problems/{code}", response_class=HTMLResponse, responses={404: problem(404)}, tags=["service"]
)
async def explain(code: Annotated[str, Path(max_length=64)]) -> HTMLResponse:
    """Explain a problem code: the page that `type` of every problem leads to."""
    found = explanations().get(code)
    if found is None:
        raise NotFoundError(f"There is no problem code {code!r}.")
    status, title, meaning = found
    return HTMLResponse(
        "<!doctype html><html lang=en><meta charset=utf-8>"
        f"<title>{html.escape(title)}</title><h1>{html.escape(title)}</h1>"
        f"<p>Status {status}, code <code>{html.escape(code)}</code>.</p>"
        f"<p>{html.escape(meaning).replace('`', '')}</p></html>"
    )
