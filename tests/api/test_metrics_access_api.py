"""Who reads the metrics where no token was set: this machine, and nobody through a proxy on it."""

import pytest

from app.db.engine import Database
from app.settings import Settings
from tests.harness.api import serving


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("public_url", "host", "status"),
    [
        ("https://roads.example", "roads.example", 403),
        ("https://roads.example/", "Roads.example:443", 403),
        ("https://roads.example", "roads.example.", 403),
        ("https://roads.example", "roads.example.:443", 403),
        ("https://roads.example", "127.0.0.1:8000", 200),
        ("https://roads.example", "roads.example:8000", 200),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", 200),
    ],
)
async def test_a_proxy_that_adds_nothing_but_the_name_opens_no_metrics(
    db: Database, public_url: str, host: str, status: int
) -> None:
    settings = Settings(_env_file=None, public_url=public_url)
    async with serving(db, settings=settings) as api:
        answer = await api.client().get("/metrics", headers={"Host": host})

    assert answer.status_code == status


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "header", ["X-Real-IP", "Via", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Server"]
)
async def test_any_word_of_a_proxy_opens_no_metrics(db: Database, header: str) -> None:
    async with serving(db) as api:
        answer = await api.client().get("/metrics", headers={header: "https"})

    assert answer.status_code == 403
