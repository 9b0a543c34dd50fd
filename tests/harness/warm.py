"""What a test would wait for longer than it takes: made once a process, the same for all."""

import sys
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from app.config import SHIPPED, Config, load_config
from app.db.engine import Database
from app.flows.rules import tune_rules
from app.http.state import AppState
from app.main import create_app
from app.risk import store as risk_store
from app.risk.rules import Rule

#: By router: FastAPI prepares each route at the first request of each application, 90 ms of CPU.
_INCLUDED: dict[int, Any] = {}
#: What the API says of itself, of every application the same: 600 ms.
_DESCRIPTION: list[dict[str, Any]] = []
#: By configuration: its rules, found good; compiling and trying them takes 110 ms.
_CHECKED: dict[int, tuple[Config, tuple[Rule, ...]]] = {}


def read_shipped_once() -> None:
    """Let `config/` as it is shipped be read once, 150 ms, by all commands that run in here.

    No test writes there, and what is read is frozen. Any other folder, a copy of it as well, is
    read each time, and so is this one by the processes that tests start.
    """
    shipped = cache(load_config)

    def load(directory: Path) -> Config:
        return shipped(directory) if directory == SHIPPED else load_config(directory)

    for module in tuple(sys.modules.values()):
        if module.__name__.startswith("app.") and vars(module).get("load_config") is load_config:
            vars(module)["load_config"] = load


def warm_app(state: AppState) -> FastAPI:
    """Return the application that serves `state`; its routes know nothing of it."""
    app = create_app(state)
    describe = app.openapi
    app.openapi = lambda: _described(describe)  # type: ignore[method-assign]
    routes = app.router.routes
    for place, route in enumerate(routes):
        if router := getattr(route, "original_router", None):
            routes[place] = _INCLUDED.setdefault(id(router), route)
    return app


def _described(describe: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    if not _DESCRIPTION:
        _DESCRIPTION.append(describe())
    return _DESCRIPTION[0]


def seed(db: Database, config: Config, *, now: datetime) -> None:
    """Put the configured rules in force as `tune_rules.seed` does, checked once."""
    if id(config) not in _CHECKED:
        rules, problems = tune_rules.check(config.rules, config)
        assert not problems, problems
        _CHECKED[id(config)] = config, tuple(rules)
    rules = _CHECKED[id(config)][1]
    if db.read_now(risk_store.active_number) is None:
        db.write_now(lambda conn: risk_store.seed_rule_set(conn, rules, now=now))
