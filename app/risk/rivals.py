"""What any rating has to beat: forecasts that anybody can make from a list of what happened."""

from typing import Final

import numpy as np

from app.risk.hazard import Floats
from app.risk.past import FOREVER, Past
from app.risk.policy import RiskPolicy

#: The names, worst first: the base rate of all roads; each section's own past frequency (the
#: honest rival); what happened last week, again.
BASE_RATE: Final = "base_rate"
OWN_FREQUENCY: Final = "own_frequency"
PERSISTENCE: Final = "persistence"


def rivals(past: Past, steps: Floats, *, horizon: float, policy: RiskPolicy) -> dict[str, Floats]:
    """Return the chances that each rival gives, (steps, sections).

    They know at each step what was known then, no more: the windows of one horizon that lie
    between the first report of all and the step. A section's own frequency is drawn towards that
    of all sections by one window, so that a young history is not taken for certain.
    """
    shape = (len(steps), len(past.km))
    base, own, last = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    near = (past.distance_km <= policy.counted_within_km) & (past.mass >= policy.min_credibility)
    section, occurred = past.section[near], past.occurred[near]
    known, until = past.known_from[near], past.known_until[near]
    for row, at in enumerate(steps):
        windows = int((at - past.first_known) // horizon) if past.first_known < FOREVER else 0
        stood = (known <= at) & (until > at)
        back = np.ceil((at - occurred[stood]) / horizon).astype(np.int64)
        at_section = section[stood]
        inside = (back >= 1) & (back <= max(windows, 1))
        hit = np.unique(at_section[inside] * (windows + 2) + back[inside])
        times = np.bincount(hit // (windows + 2), minlength=shape[1])
        rate = times.sum() / (max(windows, 1) * shape[1])
        base[row] = rate
        own[row] = (times + rate) / (windows + 1)
        last[row, at_section[back == 1]] = 1.0
    return {BASE_RATE: base, OWN_FREQUENCY: own, PERSISTENCE: last}
