"""From one alert to everybody, against Prometheus Alertmanager, in turns, into the same sink.

Alertmanager (Debian's `prometheus-alertmanager`): one alert, one webhook receiver a recipient,
each with a route of its own that goes on to the next, `group_wait: 0s`. Sira: one report, one
subscriber a recipient, a real `sira serve` on SQLite. Both call the sink of `fake_twilio.py`.
Measured from POST to the first and to the last call, CPU of the server, and the most memory that
its process ever held (VmHWM).

    python bench/bench_alertmanager.py [--recipients 1000 10000] [--rounds 5] [--one-receiver]

`--one-receiver`: all webhooks in one receiver, behind one route.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.request import Request, urlopen

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import serving
from bench.bench_alert import end_to_end, wait_for
from bench.bench_dispatch import Provider

PROGRAM = "prometheus-alertmanager"
#: What Sira aims at, as a share of Alertmanager's figure.
AIMS = {"first": 0.4, "last": 0.6, "peak": 0.3}


def configuration(sink: str, recipients: int, *, one_receiver: bool) -> str:
    """Return Alertmanager's configuration; JSON is YAML."""
    hooks = [{"url": f"{sink}/hook/{n}", "send_resolved": False} for n in range(recipients)]
    if one_receiver:
        receivers = [{"name": "all", "webhook_configs": hooks}]
    else:
        receivers = [{"name": f"r{n}", "webhook_configs": [hook]} for n, hook in enumerate(hooks)]
    route = {
        "receiver": receivers[0]["name"],
        "group_by": ["alertname"],
        "group_wait": "0s",
        "group_interval": "1h",
        "repeat_interval": "10h",
        "routes": []
        if one_receiver
        else [{"receiver": one["name"], "continue": True} for one in receivers],
    }
    return json.dumps({"route": route, "receivers": receivers})


def theirs(provider: Provider, recipients: int, *, one_receiver: bool) -> dict[str, float]:
    """Tell everybody through Alertmanager."""
    provider.reset()
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), serving.free_port()
        file = folder / "alertmanager.yml"
        file.write_text(configuration(provider.url, recipients, one_receiver=one_receiver))
        command = [
            PROGRAM,
            f"--config.file={file}",
            f"--storage.path={folder / 'kept'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
            "--log.level=error",
        ]
        with serving.serving(command, port, ready="/-/ready") as server:
            time.sleep(1.0)
            cpu = server.cpu_s()
            labels = {"alertname": "FuelInterception", "route": "ML-DKR-N", "level": "severe"}
            body = json.dumps([{"labels": labels, "annotations": {"text": "x" * 150}}])
            request = Request(
                f"http://127.0.0.1:{port}/api/v2/alerts",
                body.encode(),
                {"Content-Type": "application/json"},
            )
            posted = time.monotonic()
            urlopen(request).read()  # noqa: S310 - loopback
            taken = wait_for(provider, recipients)
            return {
                "first": taken["first"] - posted,
                "last": taken["last"] - posted,
                "cpu": server.cpu_s() - cpu,
                "peak": server.peak_mib(),
            }


def _show(
    recipients: int, them: Sequence[dict[str, float]], us: Sequence[dict[str, float]]
) -> None:
    print(f"{recipients} recipients, medians of {len(us)}")
    print("                    first ms   last ms   CPU s  peak MiB")
    middle = {}
    for name, runs in (("Alertmanager", them), ("Sira", us)):
        one = {key: statistics.median(run[key] for run in runs) for key in them[0]}
        one["peak"] = max(run["peak"] for run in runs)
        middle[name] = one
        print(
            f"  {name:16s} {one['first'] * 1e3:9.0f} {one['last'] * 1e3:9.0f} {one['cpu']:7.2f}"
            f" {one['peak']:9.0f}"
        )
    ratios = {key: middle["Sira"][key] / middle["Alertmanager"][key] for key in them[0]}
    print(
        f"  {'Sira / theirs':16s} {ratios['first']:9.2f} {ratios['last']:9.2f} {ratios['cpu']:7.2f}"
        f" {ratios['peak']:9.2f}   (aims: first {AIMS['first']}, last {AIMS['last']},"
        f" peak at 10,000 {AIMS['peak']})",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one-receiver", action="store_true")
    args = parser.parse_args()
    if shutil.which(PROGRAM) is None:
        print(f"{PROGRAM} is not installed (Debian package of that name): left out")
        return
    with Provider(0.0) as provider:
        for recipients in args.recipients:
            them, us = [], []
            for _ in range(args.rounds):
                them.append(theirs(provider, recipients, one_receiver=args.one_receiver))
                us.append(end_to_end(provider, recipients))
            _show(recipients, them, us)


if __name__ == "__main__":
    main()
