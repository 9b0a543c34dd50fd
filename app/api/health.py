"""Is the process up; is it ready to answer; what do the problem codes mean."""

import html
from functools import cache
from typing import Annotated

from alembic.migration import MigrationContext
from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import NotFoundError
from app.db import migrate
from app.http.deps import StateDep
from app.http.model import ApiModel
from app.http.openapi import problem
from app.http.problems import EdgeError, explanations

router = APIRouter(tags=["service"])


class Health(ApiModel):
    """The process answers."""

    status: str = "ok"


@router.get("/healthz")
async def healthz() -> Health:
    """Tell that the process is up; nothing else is looked at."""
    return Health()


@router.get("/readyz", responses={503: problem(503)})
async def readyz(state: StateDep) -> Health:
    """Tell that the database answers and that its tables are those of this version."""
    try:
        revision = await state.db.read(_revision)
    except SQLAlchemyError as error:
        raise EdgeError("unavailable", "The database does not answer.") from error
    if revision != _newest():
        raise EdgeError("unavailable", "The database is not at the newest revision: migrate it.")
    return Health()


@cache
def _newest() -> str:
    return migrate.head_revision()


def _revision(conn: Connection) -> str | None:
    return MigrationContext.configure(conn).get_current_revision()


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
