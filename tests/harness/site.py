"""An installation of Sira: its folder, its database, its provider, and the processes it runs as."""

import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Select, func, select

from app.db.engine import Database
from app.db.tables import DeliveryRow
from app.subscribers.vault import Vault, new_keys
from bench.people import subscribe
from bench.serving import prepare
from tests.harness.provider import Provider
from tests.harness.running import Running, eventually
from tests.harness.stem import ROOT, Stem

ROUTE = "ML-DKR-N"
_LIVE = ("queued", "sending", "in_doubt")
#: Delays in seconds, a tenth or less of those that are shipped, in the same order of length: the
#: provider's time-out (1) twice in a lease; a doubt is asked for when the log (0.5) has caught
#: up, on a machine so busy that nothing gets its turn for a second or two.
QUICK: Mapping[str, float | str] = {
    "batch": 20,
    "lease_s": 3,
    "poll_s": 0.3,
    "retry_first_s": 0.3,
    "retry_most_s": 2,
    "settle_after_s": 2.5,
    "settle_for_s": 120,
    "receipt_within_s": 0.5,
}
TIMEOUT_S = 1.0


@dataclass
class Site:
    """An installation. `stem`: what processes are forked from; None: each is started anew."""

    folder: Path
    database_url: str
    environment: dict[str, str]
    admin: str
    db: Database
    stem: Stem | None
    running: list[Running] = field(default_factory=list)

    def start(self, *words: str, of: Stem | None = None, **environment: str) -> Running:
        """Start `sira WORDS` on a port of its own.

        Args:
            words: Command and options.
            of: Another version, in place of the site's.
            environment: Laid over the site's.
        """
        stem = of or self.stem
        output = self.folder / f"output-{time.monotonic_ns()}"
        one = Running(words, self.environment | environment, output, stem)
        self.running.append(one)
        return one

    def client(self, one: Running, key: str | None = None) -> httpx.Client:
        """Return a client of a process that serves the API, with an admin's key."""
        headers = {"Authorization": f"Bearer {key or self.admin}"}
        return httpx.Client(base_url=one.url, headers=headers, timeout=30)

    def alert(self, api: Running, level: str = "severe", **more: str) -> str:
        """Raise an alert by hand, through the API; return its id."""
        body = {"route": ROUTE, "cargo": "fuel", "level": level, "note": "Proof"} | more
        with self.client(api) as client:
            answer = client.post("/v1/alerts", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def count(self, query: Select[Any]) -> int:
        """Return what a query counts."""
        return int(self.db.read_now(lambda conn: conn.execute(query).scalar_one()))

    def left(self) -> int:
        """Return how many deliveries are not done with; one that is not fanned out counts none."""
        return self.count(select(func.count()).where(DeliveryRow.status.in_(_LIVE)))

    def statuses(self) -> dict[str, int]:
        """Return how many deliveries stand where."""
        query = select(DeliveryRow.status, func.count()).group_by(DeliveryRow.status)
        return {row[0]: row[1] for row in self.db.read_now(lambda conn: conn.execute(query).all())}

    def wait_until_sent(self, number: int, *, within_s: float = 90) -> None:
        """Wait until so many deliveries were made and nothing is left to do."""
        made = select(func.count()).select_from(DeliveryRow)
        eventually(
            lambda: self.count(made) >= number and not self.left(),
            within_s=within_s,
            what=lambda: f"{self.statuses()}",
        )


@contextmanager
def a_site(
    folder: Path,
    database_url: str,
    provider: Provider,
    *,
    people: int,
    routes: Sequence[str] = (ROUTE,),
    stem: Stem | None = None,
    provider_url: str | None = None,
    **policy: float | str | Mapping[str, float],
) -> Iterator[Site]:
    """Yield an installation with so many people, on one of `routes` each; end what it started."""
    keys = new_keys()
    admin, _ = prepare(database_url, 0)
    db = Database(database_url, pool_size=2)
    subscribe(db, Vault.parse(keys), people, routes=routes, cargo="fuel")
    environment = {
        "PATH": os.environ["PATH"],
        "SIRA_DATABASE_URL": database_url,
        "SIRA_CONFIG_DIR": str(a_config(folder / "config", {**QUICK, **policy})),
        "SIRA_VAR_DIR": str(folder),
        "SIRA_VAULT_KEYS": keys,
        "SIRA_RATE_LIMIT_PER_MINUTE": "1000000",
        **provider.environment(timeout_s=TIMEOUT_S, url=provider_url),
    }
    site = Site(folder, database_url, environment, admin, db, stem)
    try:
        yield site
    finally:
        for one in site.running:
            one.kill()
        db.close()


def a_config(folder: Path, policy: Mapping[str, Any]) -> Path:
    """Write the shipped configuration with another policy of delivery; return where."""
    shipped = ROOT / "config"
    folder.mkdir(parents=True)
    for part in shipped.iterdir():
        if part.name != "policy":
            (folder / part.name).symlink_to(part)
    shutil.copytree(shipped / "policy", folder / "policy")
    tables = {key: value for key, value in policy.items() if isinstance(value, Mapping)}
    lines = ["[delivery]"]
    lines += [f"{key} = {_toml(value)}" for key, value in policy.items() if key not in tables]
    for name, table in tables.items():
        lines.append(f"[delivery.{name}]")
        lines += [f"{key} = {_toml(value)}" for key, value in table.items()]
    (folder / "policy" / "delivery.toml").write_text("\n".join(lines) + "\n")
    return folder


def _toml(value: float | str) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
