"""Fixtures of the tests that strike real processes: what these are made of."""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from tests.harness.provider import Provider, a_provider
from tests.harness.restartable import RestartablePostgres, restartable_postgres
from tests.harness.running import Running
from tests.harness.site import Site, a_site
from tests.harness.stem import Stem, a_stem
from tests.harness.striking import Crew

#: Makes a site on this test's database; takes `people`, and policy as `a_site` does.
MakeSite = Callable[..., AbstractContextManager[Site]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give processes the time they need where many share few cores."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(240))


@pytest.fixture(scope="session")
def stem() -> Iterator[Stem]:
    with a_stem() as found:
        yield found


@pytest.fixture(scope="session")
def own_server() -> Iterator[RestartablePostgres]:
    """A PostgreSQL to stop and start."""
    with restartable_postgres() as server:
        yield server


@pytest.fixture
def provider() -> Iterator[Provider]:
    with a_provider(latency_ms=100) as found:
        yield found


@pytest.fixture
def make_site(tmp_path: Path, database_url: str, provider: Provider, stem: Stem) -> MakeSite:
    return partial(a_site, tmp_path, database_url, provider, stem=stem)


def muster(site: Site, kind: str, *, workers: int = 3) -> tuple[Running | None, Crew]:
    """Start `sira serve` on SQLite; an API and so many workers on PostgreSQL."""
    chance = random.Random(7)  # noqa: S311 - the same strikes each time
    if kind == "sqlite":
        crew = Crew(site, ("serve",), chance)
        crew.muster(1)
        return None, crew
    api = site.start("serve", "--api-only")
    crew = Crew(site, ("worker",), chance)
    crew.muster(workers)
    api.wait_until_ready()
    return api, crew
