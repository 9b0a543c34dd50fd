"""The coefficients of the hazard as a file of their own: what `sira calibrate` writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from app.core.errors import ConfigError
from app.risk.policy import Kernel, RiskPolicy, parse_kernels

_HAZARD = {"provenance", "prior_per_50_km", "horizon_days", "kernel"}
_HEAD = """\
# Written by `sira calibrate`. In force as coefficients.toml beside risk.toml, in place of the
# coefficients there; levels, reaches and everything else stay those of risk.toml.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficients:
    """The fitted part of a policy.

    Attributes:
        horizon_days: What `prior_per_50_km` counts for.
        fit: Where they come from: data, window, date, skill. Empty for hand-written ones.
    """

    kernels: tuple[Kernel, ...]
    prior_per_50_km: float
    horizon_days: float
    provenance: str
    fit: Mapping[str, Any] = field(default_factory=dict)

    def applied(self, policy: RiskPolicy) -> RiskPolicy:
        """Return the policy with these coefficients in place of its own."""
        prior = self.prior_per_50_km * policy.horizon_days / self.horizon_days
        return replace(
            policy, kernels=self.kernels, prior_per_50_km=prior, provenance=self.provenance
        )

    @property
    def fitted_until(self) -> datetime | None:
        """Return the end of the window that they were fitted on, None when it is not said."""
        text = self.fit.get("window_to")
        try:
            return datetime.fromisoformat(text) if isinstance(text, str) else None
        except ValueError:
            return None


def parse(table: Mapping[str, Any], *, file: str) -> Coefficients:
    """Return the coefficients of a parsed TOML table: of such a file, or of a risk.toml.

    Raises:
        ConfigError: A key is missing, unknown or out of range; names file and key.
    """
    hazard, fit = table.get("hazard"), table.get("fit", {})
    if not isinstance(hazard, Mapping) or not isinstance(fit, Mapping):
        raise ConfigError(f"{file}: section [hazard] is missing")
    provenance = hazard.get("provenance")
    if not isinstance(provenance, str) or not provenance.strip():
        raise ConfigError(f"{file}: [hazard] provenance must say something")
    return Coefficients(
        kernels=parse_kernels(hazard.get("kernel"), file=file),
        prior_per_50_km=_number(hazard, "prior_per_50_km", 0.0, 1.0, file),
        horizon_days=_number(hazard, "horizon_days", 0.5, 60.0, file),
        provenance=provenance.strip(),
        fit=dict(fit),
    )


def parse_own(table: Mapping[str, Any], *, file: str) -> Coefficients:
    """Return the coefficients of a file that holds nothing else.

    Raises:
        ConfigError: As `parse`; also for a key that belongs elsewhere and would have no effect.
    """
    hazard = table.get("hazard")
    strange = set(table) - {"hazard", "fit"}
    if isinstance(hazard, Mapping):
        strange |= set(hazard) - _HAZARD
    if strange:
        raise ConfigError(f"{file}: the key '{min(strange)}' is no coefficient")
    return parse(table, file=file)


def render(coefficients: Coefficients) -> str:
    """Return the file: the same coefficients give the same text."""
    lines = [
        _HEAD,
        "[hazard]",
        f'provenance = """\n{_text(coefficients.provenance)}\n"""',
        f"prior_per_50_km = {coefficients.prior_per_50_km!r}",
        f"horizon_days = {coefficients.horizon_days!r}",
    ]
    for kernel in coefficients.kernels:
        lines += [
            "",
            "[[hazard.kernel]]",
            f"half_days = {kernel.half_days!r}",
            f"reach_km = {kernel.reach_km!r}",
            f"plateau_km = {kernel.plateau_km!r}",
            f"weight = {kernel.weight!r}",
        ]
    lines += ["", "[fit]"]
    lines += [f"{name} = {_value(value)}" for name, value in coefficients.fit.items()]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    return f'"{_text(value.replace(chr(10), " "))}"' if isinstance(value, str) else repr(value)


def _text(text: str) -> str:
    kept = text.replace("\\", "\\\\").replace('"', '\\"')
    return "".join(c if c == "\n" or c.isprintable() else " " for c in kept)


def _number(table: Mapping[str, Any], key: str, low: float, high: float, file: str) -> float:
    value = table.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ConfigError(f"{file}: [hazard] {key} must be a number between {low} and {high}")
    return float(value)
