"""The least that a service could do with a report: check a small model, commit one row.

    python bench/bare_endpoint.py PORT DATABASE_URL pool|writer

`pool`: a `def` endpoint in FastAPI's threads, a connection of a pool and a commit for each request,
as most would write it. `writer`: through Sira's own `Database`, which on SQLite commits in groups.
The settings of the database are Sira's in both.
"""

import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import uvicorn
from fastapi import FastAPI
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import Column, Connection, MetaData, String, Table, insert

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.db.engine import Database
from app.db.types import UtcDateTime

ROWS = Table(
    "bare_report",
    MetaData(),
    Column("id", String(36), primary_key=True),
    Column("kind", String(60)),
    Column("occurred_at", UtcDateTime),
    Column("place", String(300)),
    Column("summary", String(4000)),
)
_ADD = insert(ROWS)


class BareReport(BaseModel):
    """A claim."""

    kind: str = Field(max_length=60)
    occurred_at: AwareDatetime
    place: str = Field(max_length=300)
    summary: str = Field(max_length=4_000)


class Taken(BaseModel):
    """What is answered."""

    id: str
    received_at: datetime


def application(db: Database, *, grouped: bool) -> FastAPI:
    """Return the application."""
    app = FastAPI()

    def row(body: BareReport) -> dict[str, Any]:
        return {"id": str(uuid4()), **body.model_dump()}

    if grouped:

        @app.post("/reports", status_code=201)
        async def take(body: BareReport) -> Taken:
            values = row(body)

            def work(conn: Connection) -> None:
                conn.execute(_ADD, values)

            await db.write(work)
            return Taken(id=values["id"], received_at=body.occurred_at)

    else:

        @app.post("/reports", status_code=201)
        def take_in_thread(body: BareReport) -> Taken:
            values = row(body)
            with db.engine.begin() as conn:
                conn.execute(_ADD, values)
            return Taken(id=values["id"], received_at=body.occurred_at)

    @app.get("/healthz")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


def main() -> None:
    """Serve until stopped."""
    port, url, writer = sys.argv[1:4]
    db = Database(url)
    ROWS.metadata.create_all(db.engine)
    app = application(db, grouped=writer == "writer")
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_config=None, access_log=False)


if __name__ == "__main__":
    main()
