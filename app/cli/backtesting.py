"""`sira backtest`."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.files import writable
from app.cli.frame import fail, reported, say
from app.cli.past import EachRow, From, NetworkPath, Reports, To, instant, the_config, the_past
from app.config import read_rules
from app.core.reading import read_toml
from app.flows.past import backtest as flow
from app.risk import coefficients as fitted
from app.risk.backtest import Plan


class Step(StrEnum):
    """How often a forecast is made."""

    DAILY = "daily"
    WEEKLY = "weekly"


_EVERY = {Step.DAILY: timedelta(days=1), Step.WEEKLY: timedelta(days=7)}


def backtest(
    *,
    reports: Reports,
    start: From,
    end: To,
    rules: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Rules to try.")
    ] = None,
    coefficients: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Of `sira calibrate`.")
    ] = None,
    network: NetworkPath = None,
    horizon: Annotated[
        float, typer.Option(min=1, max=60, help="Days that a forecast looks ahead.")
    ] = 7.0,
    step: Annotated[Step, typer.Option(help="How often a forecast is made.")] = Step.WEEKLY,
    each_an_event: EachRow = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    plot: Annotated[
        Path | None, typer.Option(file_okay=False, help="Draw the figures into this directory.")
    ] = None,
    forecasts: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, callback=writable, help="Write at,section,cargo,chance,level here."
        ),
    ] = None,
) -> None:
    """Play history as it was known, rate every section, and compare with what then came.

    `chance` is the statistics' chance of a serious incident within 10 km of the section in the
    horizon; levels are those that the service would have shown, with the floors of the rules.
    """
    with reported():
        config = the_config(network)
        if coefficients is not None:
            found = fitted.parse(read_toml(coefficients), file=str(coefficients))
            config = replace(config, risk=found.applied(config.risk))
        book = flow.book_of(read_rules(rules) if rules is not None else config.rules, config)
        plan = Plan(
            start=instant(start, "--from"),
            end=instant(end, "--to"),
            every=_EVERY[step],
            horizon_days=horizon,
        )
        if plan.end - plan.start < timedelta(days=horizon):
            fail("--to must lie at least one horizon after --from")
        if plot is not None:
            _can_plot()
        read = the_past(reports, config=config, each_an_event=each_an_event)
        result = flow.run(read, plan, book=book, config=config)
        figures = flow.report(result, read, config=config)
        if forecasts is not None:
            with forecasts.open("w", encoding="utf-8", newline="") as file:
                count = flow.write_forecasts(result, file)
            say(f"{count} forecasts written to {forecasts}")
        if plot is not None:
            _plot(result, config, plot)
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False, indent=1))
    else:
        _print(figures)


def _can_plot() -> None:
    if find_spec("matplotlib") is None:
        fail("--plot needs matplotlib: `pip install 'sira[plot]'`, or leave --plot out")


def _plot(result: Any, config: Any, folder: Path) -> None:
    from app.cli.plots import draw  # noqa: PLC0415 - needs the extra

    folder.mkdir(parents=True, exist_ok=True)
    for path in draw(result, config.network, folder, thresholds=config.risk.thresholds):
        say(f"drawn: {path}")


def _print(said: Mapping[str, Any]) -> None:
    window = said["window"]
    typer.echo(
        f"{said['steps']} forecasts of {window['horizon_days']:g} days on {said['sections']} "
        f"sections, {window['first_forecast'][:10]} to {window['last_forecast'][:10]}: "
        f"{said['came_true']} of {said['forecasts']} came true ({100 * said['base_rate']:.2f} %)"
    )
    typer.echo("chance of a serious incident, by the statistics (90 % of redrawn weeks):")
    for name, one in said["chance"].items():
        typer.echo(f"  {name:20} {_one(one['value'])}  ({_one(one['low'])} to {_one(one['high'])})")
    for name, one in said["rivals"].items():
        typer.echo(f"  {name:20} Brier {_one(one['brier'])}, AUC {_one(one['auc'])}")
    typer.echo("said, happened, forecasts:")
    for one in said["reliability"]:
        typer.echo(
            f"  {100 * one['said']:5.1f} %  {100 * one['happened']:5.1f} %  {one['forecasts']:.0f}"
        )
    typer.echo("levels, with the floors of the rules:")
    for cargo, one in said["cargoes"].items():
        lead = one["lead_hours"]
        early = f", first incident after a median of {lead[1]:.0f} h" if lead else ""
        typer.echo(
            f"  {cargo}: {one['warned']} of {one['incidents']} incidents on a section at high or "
            f"severe{early}; {one['alerts_per_incident']:g} alerts and "
            f"{one['messages_per_incident']:g} messages an incident"
        )


def _one(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
