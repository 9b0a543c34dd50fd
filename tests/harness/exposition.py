"""Prometheus' text format, read back."""

from prometheus_client import Counter, Histogram, ProcessCollector
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families

from app.core import metrics


def samples(text: str) -> dict[str, float]:
    """Return every sample by its name and labels, as `name{a="b",c="d"}`."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f'{key}="{value}"' for key, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def catalogue() -> dict[str, set[str]]:
    """Return the labels of every series that a process may export, by its name."""
    found: dict[str, set[str]] = {}
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            labels, name = set(metric._labelnames), metric._name
            if isinstance(metric, Histogram):
                found |= {f"{name}_sum": labels, f"{name}_count": labels}
                found[f"{name}_bucket"] = labels | {"le"}
            else:
                found[f"{name}_total" if isinstance(metric, Counter) else name] = labels
    for family in ProcessCollector(registry=None).collect():
        found[f"{family.name}_total" if family.type == "counter" else family.name] = set()
    return found
