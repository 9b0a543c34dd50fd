"""Coefficients are fitted on a file of the past, and never replace better ones."""

from dataclasses import dataclass
from datetime import datetime

from app.config import Config
from app.flows.past.backtest import PastRead
from app.risk.calibration import WEEK, Fitted, Skill, calibrate, skill_of, window_of
from app.risk.coefficients import Coefficients
from app.risk.past import happened, past_of
from app.risk.rivals import OWN_FREQUENCY, rivals
from app.risk.weighing import days_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A fit and what it has to stand against.

    Attributes:
        new: What was fitted.
        skill: Of `new`, on the hold-out; `before`: of those it would replace, on the same weeks.
    """

    new: Coefficients
    skill: Skill
    before: Skill

    @property
    def is_worse(self) -> bool:
        """Return whether those before forecast the hold-out better."""
        return self.skill.brier > self.before.brier


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What to fit: the name of the data, the window, and when it is done."""

    data: str
    start: datetime
    end: datetime
    now: datetime


def fit(read: PastRead, wanted: Fit, *, before: Coefficients, config: Config) -> Calibration:
    """Return the coefficients that the window speaks for, held against those before.

    Nothing known at the end of the window or later counts. Where those before were fitted on weeks
    of the hold-out, the new ones are held against them as fitted on these weeks, too.

    Raises:
        TooLittleError: The window holds too little to fit anything by.
    """
    policy, network = config.risk, config.network
    versions = [version for version in read.versions if version.known_at < wanted.end]
    past = past_of(versions, network=network, kinds=config.kinds, policy=policy)
    truth = happened(versions, network=network, kinds=config.kinds, policy=policy)
    window = window_of(past, truth, start=days_of(wanted.start), end=days_of(wanted.end))
    reference = rivals(window.past, window.hold, horizon=WEEK, policy=policy)[OWN_FREQUENCY]
    fitted = calibrate(window, policy, reference=reference)
    new = _coefficients(fitted, wanted)
    has_seen = before.fitted_until
    seen = has_seen is not None and days_of(has_seen) > float(window.hold[0])
    ours = new.applied(policy) if seen else fitted.trial
    return Calibration(
        new=new,
        skill=skill_of(ours, window, reference=reference),
        before=skill_of(before.applied(policy), window, reference=reference),
    )


def _coefficients(fitted: Fitted, wanted: Fit) -> Coefficients:
    skill = fitted.skill
    provenance = (
        f"Fitted by `sira calibrate` on {wanted.data}, {wanted.start:%Y-%m-%d} to "
        f"{wanted.end:%Y-%m-%d}, on {wanted.now:%Y-%m-%d}. On the last part of that window, which "
        f"it was not fitted on: Brier {skill.brier:.4f} (each section's own past frequency "
        f"{skill.reference:.4f}), AUC {skill.auc:.3f}, slope {skill.slope:.2f}. Trust: the order "
        "of sections and the size of the figures, for as long as the war stays of this kind; not "
        "the decimals."
    )
    return Coefficients(
        kernels=fitted.kernels,
        prior_per_50_km=fitted.prior_per_50_km,
        horizon_days=WEEK,
        provenance=provenance,
        fit={
            "data": wanted.data,
            "window_from": wanted.start.isoformat(),
            "window_to": wanted.end.isoformat(),
            "fitted_on": f"{wanted.now:%Y-%m-%d}",
            "section_weeks_with_incident": fitted.hits,
            "longest_half_days": fitted.longest_half_days,
            "updates": fitted.updates,
            "factor": round(fitted.factor, 4),
            "hold_out_forecasts": skill.forecasts,
            "hold_out_came_true": skill.hits,
            "hold_out_brier": round(skill.brier, 6),
            "hold_out_own_frequency_brier": round(skill.reference, 6),
            "hold_out_log_score": round(skill.log_score, 6),
            "hold_out_auc": round(skill.auc, 4),
            "hold_out_slope": round(skill.slope, 4),
        },
    )
