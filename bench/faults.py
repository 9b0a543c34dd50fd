"""Faults on real processes while an alert is told: is everybody told, and nobody twice?

    python bench/faults.py kill    [--recipients 2000] [--times 100] [--database sqlite|postgres]
    python bench/faults.py freeze  [--times 20]      SIGSTOP for longer than a lease, then SIGCONT
    python bench/faults.py restart [--times 10]      the database, by turns gently and on the spot
    python bench/faults.py cut     [--times 20]      the network to the provider, after a request

`sira serve` on SQLite; `sira serve --api-only` and three `sira worker` on PostgreSQL. `--seed`
makes the same choices again. The tests in `tests/faults/` run the same in small.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.harness.cutting import Cutter, a_cutter
from tests.harness.provider import a_provider
from tests.harness.reckoning import reckon
from tests.harness.restartable import RestartablePostgres, restartable_postgres
from tests.harness.running import Running, eventually
from tests.harness.site import QUICK, a_site
from tests.harness.striking import Crew, restart_server

WORKERS = 3
LIFE_S = 0.8
FROZEN_S = float(QUICK["lease_s"]) + 2
#: Strikes where nobody says how many.
_TIMES = {"kill": 100, "freeze": 20, "restart": 10, "cut": 20}
#: Seconds that one strike takes, about: so slow is the pace that all of them find work left.
_STRIKE_S = {"kill": 3.5, "freeze": FROZEN_S + 1.5, "restart": 5.0, "cut": 1.5}


def strike(
    fault: str, times: int, crew: Crew, server: RestartablePostgres | None, cutter: Cutter
) -> None:
    """Strike so many times."""
    strikes: dict[str, Callable[[], None]] = {
        "kill": lambda: crew.kill(times, life_s=LIFE_S),
        "freeze": lambda: crew.freeze(times, life_s=LIFE_S, for_s=FROZEN_S),
        "cut": lambda: crew.cut(times, cutter, life_s=LIFE_S, for_s=1.0),
        "restart": lambda: (
            restart_server(crew, server, times, life_s=LIFE_S)
            if server
            else crew.kill(times, life_s=LIFE_S)
        ),
    }
    strikes[fault]()


def api_of(crew: Crew, api: Running | None) -> Running:
    """Return a process that answers; the one of SQLite may just have been killed."""
    one = api or crew.members[0]
    one.wait_until_ready()
    return one


def run(args: argparse.Namespace, stack: ExitStack) -> bool:
    """Run one fault and print what came of it; tell whether all is well."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    server = stack.enter_context(restartable_postgres()) if args.database == "postgres" else None
    url = server.create("faults") if server else f"sqlite:///{folder / 'sira.db'}"
    provider = stack.enter_context(a_provider(latency_ms=args.latency_ms))
    cutter = stack.enter_context(a_cutter(provider.url))
    crew_size = WORKERS if server else 1
    pace = args.recipients / (args.times * _STRIKE_S[args.fault]) / crew_size
    site = stack.enter_context(
        a_site(
            folder,
            url,
            provider,
            people=args.recipients,
            provider_url=cutter.url if args.fault == "cut" else None,
            settle_after_s=args.settle_after_s,
            per_second={"twilio": args.pace or pace},
        )
    )
    api = site.start("serve", "--api-only") if server else None
    crew = Crew(site, ("worker",) if server else ("serve",), random.Random(args.seed))
    crew.muster(crew_size)
    started = time.monotonic()
    alert = site.alert(api_of(crew, api))
    eventually(provider.taken)
    strike(args.fault, args.times, crew, server, cutter)
    took = time.monotonic() - started
    site.wait_until_sent(args.recipients, within_s=900)
    found = reckon(site, provider, api_of(crew, api), alert, args.recipients)
    print(
        f"{args.fault} {args.database}: {args.times} strikes, {crew.struck} with messages left to"
        f" send, in {took:.0f} s; all done after {time.monotonic() - started:.0f} s\n"
        f"  {found.recipients} recipients: lost {found.lost}, twice {found.twice}"
        f" {found.gaps_s or ''}, unaccounted {found.unaccounted}; {dict(found.statuses)}\n"
        f"  doubts asked of the provider's log {found.asked}: {found.found} were there",
        flush=True,
    )
    return found.is_clean


def main() -> int:
    """Run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("fault", choices=list(_STRIKE_S))
    parser.add_argument("--recipients", type=int, default=2_000)
    parser.add_argument("--times", type=int, help="100, 20, 10 or 20 without it")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--latency-ms", type=float, default=200)
    parser.add_argument("--settle-after-s", type=float, default=3.0)
    parser.add_argument("--pace", type=float, help="messages a second and process")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.times = args.times or _TIMES[args.fault]
    with ExitStack() as stack:
        return 0 if run(args, stack) else 1


if __name__ == "__main__":
    sys.exit(main())
