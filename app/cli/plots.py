"""The pictures of a back-test: needs the extra `plot`."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from app.core.levels import Level
from app.risk import scores
from app.risk.backtest import Backtest
from app.risk.hazard import Floats
from app.risk.playing import instant_of
from app.roads.network import Network

#: Legible for those who do not tell red from green.
_COLOURS = {Level.MODERATE: "#e6b800", Level.HIGH: "#e07000", Level.SEVERE: "#8b0000"}
_INK, _LINE, _QUIET = "#1b3a57", "#2f6f9f", "#9aa5ad"
_LEAST, _MOST = 0.002, 1.0
#: Fewer forecasts of a kind than this say nothing about it.
_ENOUGH = 30
#: No date: the same figures give the same file.
_NO_DATE = {"Date": None}

Thresholds = Sequence[tuple[Level, float]]


def draw(result: Backtest, network: Network, folder: Path, *, thresholds: Thresholds) -> list[Path]:
    """Draw reliability, each route over time, and a map into `folder`; return the files."""
    routes = folder / "routes"
    routes.mkdir(exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": "sira", "svg.fonttype": "none", "font.size": 9}):
        drawn = [_reliability(result, folder / "reliability.svg")]
        drawn.append(_map(result, network, folder / "map.svg"))
        number = {section_id: at for at, section_id in enumerate(result.section_ids)}
        for code, corridor in sorted(network.corridors.items()):
            sections = [number[one] for one in corridor.section_ids if one in number]
            path = routes / f"{_file_name(code)}.svg"
            drawn.append(_route(result, corridor.title, sections, path, thresholds))
    return drawn


def _reliability(result: Backtest, path: Path) -> Path:
    bins = [
        one for one in scores.reliability(result.chance, result.outcome) if one.forecasts >= _ENOUGH
    ]
    figure = Figure(figsize=(5.2, 6.2), layout="constrained")
    above, below = figure.subplots(2, 1, height_ratios=(4, 1), sharex=True)
    above.plot([_LEAST, _MOST], [_LEAST, _MOST], color=_QUIET, linewidth=1, label="said = happened")
    said = np.maximum([one.said for one in bins], _LEAST)
    came = np.maximum([one.happened for one in bins], _LEAST)
    spread = np.array([_spread(one) for one in bins]).T
    above.errorbar(
        said, came, yerr=spread, fmt="o-", color=_INK, markersize=5, capsize=2, label="Sira"
    )
    above.set(xscale="log", yscale="log", ylabel="happened")
    above.set_title(
        f"What was said and what happened, {result.plan.horizon_days:g} days ahead\n"
        f"{_when(result.steps[0])} to {_when(result.steps[-1])}, "
        f"{result.outcome.size} forecasts, slope {scores.slope(result.chance, result.outcome):.2f}",
        fontsize=9,
    )
    above.legend(frameon=False, loc="lower right")
    above.grid(alpha=0.25)
    below.bar(said, [one.forecasts for one in bins], width=said * 0.35, color=_LINE)
    below.set(yscale="log", ylabel="forecasts", xlabel="said")
    for axis in (above.xaxis, above.yaxis, below.xaxis):
        axis.set_major_formatter(lambda value, _: f"{100 * value:g} %")
    return _saved(figure, path)


def _spread(one: scores.Bin) -> tuple[float, float]:
    """Return how far what happened may be off by chance alone: two standard errors."""
    error = 2.0 * np.sqrt(max(one.happened * (1.0 - one.happened), 1e-9) / one.forecasts)
    return min(error, max(one.happened - _LEAST, 0.0)), error


def _route(
    result: Backtest, title: str, sections: list[int], path: Path, thresholds: Thresholds
) -> Path:
    figure = Figure(figsize=(9.0, 3.0), layout="constrained")
    axes: Axes = figure.subplots()
    times = [instant_of(at) for at in result.steps]
    worst = result.chance[:, sections].max(axis=1, initial=0.0)
    axes.fill_between(_numbers(times), worst, color=_LINE, alpha=0.25, linewidth=0)
    axes.plot(_numbers(times), worst, color=_INK, linewidth=1)
    for level, threshold in thresholds:
        axes.axhline(threshold, color=_COLOURS[level], linewidth=0.8, linestyle="--")
        axes.text(1.005, threshold, level.value, transform=axes.get_yaxis_transform(), fontsize=7)
    first, last = result.steps[0], result.steps[-1] + result.plan.horizon_days
    on_route = np.isin(result.truth.section, sections)
    on_route &= (result.truth.at > first) & (result.truth.at <= last)
    at = [instant_of(float(one)) for one in np.unique(result.truth.at[on_route])]
    axes.plot(_numbers(at), np.zeros(len(at)), "|", color=_COLOURS[Level.SEVERE], markersize=9)
    axes.xaxis_date()
    top = max(0.3, 1.1 * float(worst.max(initial=0.0)))
    axes.set(ylim=(-0.03 * top, top), ylabel="worst section, chance")
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g} %")
    axes.set_title(f"{title}: chance by statistics; incidents marked below", fontsize=9)
    return _saved(figure, path)


def _map(result: Backtest, network: Network, path: Path) -> Path:
    figure = Figure(figsize=(9.0, 6.5), layout="constrained")
    axes: Axes = figure.subplots()
    lines = [
        np.array([(point.lon, point.lat) for point in network.sections[one].line])
        for one in result.section_ids
    ]
    mean = result.chance.mean(axis=0)
    roads = LineCollection(lines, array=mean, cmap="inferno_r", linewidths=2.5)
    roads.set_clim(0.0, max(float(mean.max()), 0.02))
    axes.add_collection(roads)
    hit = np.unique(result.truth.section[_inside(result)])
    for section in hit:
        middle = lines[section][len(lines[section]) // 2]
        axes.plot(*middle, "o", color=_INK, markersize=2.5)
    axes.autoscale_view()
    axes.set_aspect(1.0 / np.cos(np.radians(14.0)))
    axes.set(xlabel="longitude", ylabel="latitude")
    axes.set_title("Mean chance by section; dots: sections on which something happened", fontsize=9)
    bar = figure.colorbar(roads, ax=axes, shrink=0.7)
    bar.ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.1f} %")
    return _saved(figure, path)


def _inside(result: Backtest) -> "np.typing.NDArray[np.bool_]":
    last = result.steps[-1] + result.plan.horizon_days
    found: np.typing.NDArray[np.bool_] = (result.truth.at > result.steps[0]) & (
        result.truth.at <= last
    )
    return found


def _numbers(times: Sequence[datetime]) -> Floats:
    """Return instants as Matplotlib counts them: days since 1970."""
    return np.array([one.timestamp() / 86_400.0 for one in times])


def _when(days: float) -> str:
    return f"{instant_of(days):%Y-%m-%d}"


def _file_name(code: str) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in code)


def _saved(figure: Figure, path: Path) -> Path:
    figure.savefig(path, metadata=_NO_DATE)
    return path
