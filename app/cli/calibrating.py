"""`sira calibrate`."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.files import writable
from app.cli.frame import done, fail, reported, say
from app.cli.past import EachRow, From, NetworkPath, Reports, To, instant, the_config, the_past
from app.config import COEFFICIENTS, Config
from app.core.clock import SystemClock
from app.core.reading import read_toml
from app.flows.past.calibrate import Calibration, Fit, fit
from app.risk import coefficients
from app.risk.calibration import Skill, TooLittleError
from app.risk.coefficients import Coefficients


def calibrate(
    *,
    reports: Reports,
    start: From,
    end: To,
    out: Annotated[
        Path,
        typer.Option(
            dir_okay=False, callback=writable, help="Written, unless what it holds is better."
        ),
    ],
    network: NetworkPath = None,
    each_an_event: EachRow = None,
    force: Annotated[bool, typer.Option("--force", help="Replace better ones, too.")] = False,
) -> None:
    """Fit the coefficients of the hazard on a past window.

    Nothing known at --to or later is looked at. The last part of the window is kept aside to choose
    by and to tell the skill; coefficients in --out that do better there are not replaced. In force
    as config/coefficients.toml.
    """
    with reported():
        config = the_config(network)
        before = _before(out, config)
        wanted = Fit(
            data=reports.name,
            start=instant(start, "--from"),
            end=instant(end, "--to"),
            now=SystemClock().now(),
        )
        if wanted.end <= wanted.start:
            fail("--to must lie after --from")
        read = the_past(reports, config=config, each_an_event=each_an_event)
        try:
            found = fit(read, wanted, before=before, config=config)
        except TooLittleError as error:
            fail(f"{reports}: {error}", error)
        _say(found)
        if out.exists() and found.is_worse and not force:
            fail(
                f"{out} forecasts better and stays: Brier {found.before.brier:.5f} against "
                f"{found.skill.brier:.5f} on the same weeks (--force replaces it)"
            )
        out.write_text(coefficients.render(found.new), encoding="utf-8")
        done(f"{len(found.new.kernels)} memories written to {out}")


def _before(out: Path, config: Config) -> Coefficients:
    """Return the coefficients that would be replaced: those in `out`, else those in force."""
    if out.exists():
        return coefficients.parse(read_toml(out), file=str(out))
    for name in (COEFFICIENTS, "risk.toml"):
        path = config.directory / name
        if path.exists():
            return coefficients.parse(read_toml(path), file=name)
    return fail("config has no risk.toml")


def _say(found: Calibration) -> None:
    say(f"on the hold-out: {_skill(found.skill)}")
    say(f"those before, there: {_skill(found.before)}")
    say(f"each section's own past frequency, there: Brier {found.skill.reference:.5f}")


def _skill(skill: Skill) -> str:
    return (
        f"Brier {skill.brier:.5f}, AUC {skill.auc:.4f}, log score {skill.log_score:.5f}, "
        f"slope {skill.slope:.2f} ({skill.hits} of {skill.forecasts} came true)"
    )
