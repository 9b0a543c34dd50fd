"""What a process counts of itself, for Prometheus: every metric, with its labels, in one place.

Labels take values from short lists only (providers, levels, route templates): never an id, an
address, a place or anybody's name. Each process tells of itself; what is asked of the database is
the same from all of them.
"""

from functools import lru_cache

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

disable_created_metrics()  # type: ignore[no-untyped-call]

#: Every metric of this process.
REGISTRY = CollectorRegistry(auto_describe=True)
ProcessCollector(registry=REGISTRY)

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

#: What providers say in receipts; anybody could make up others.
RECEIPT_WORDS = frozenset(
    {
        "accepted", "scheduled", "queued", "sending", "sent", "delivered", "read",
        "undelivered", "partially_delivered", "failed", "canceled",
    }
)  # fmt: skip

# Few buckets: each is a line of every scrape, for each label.
_ANSWER_S = (0.005, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0)
_CALL_S = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_WRITE_S = (0.002, 0.005, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0)

# ------------------------------------------------------------------------------ of this process

REQUESTS = Histogram(
    "sira_request_seconds",
    "Time to answer a request, by method, route template and status.",
    ["method", "route", "status"],
    buckets=_ANSWER_S,
    registry=REGISTRY,
)
REPORTS = Counter(
    "sira_reports",
    "Reports answered: opened, joined, asked (no place), repeated, refused.",
    ["outcome"],
    registry=REGISTRY,
)
RULES_FAILED = Counter(
    "sira_rules_failed",
    "Times that a rule failed on an incident, and counted as not applying.",
    registry=REGISTRY,
)
INBOUND = Counter(
    "sira_inbound",
    "Messages that came in: done, answered, asked, unclear, nothing, refused, unknown, automatic,"
    " loop, flood, repeated.",
    ["provider", "outcome"],
    registry=REGISTRY,
)
ALERTS = Counter(
    "sira_alerts_fanned_out",
    "Alerts whose deliveries have all been made.",
    ["type", "level"],
    registry=REGISTRY,
)
DELIVERIES = Counter(
    "sira_deliveries_made", "Deliveries that fan-out put into the queue.", registry=REGISTRY
)
ATTEMPTS = Counter(
    "sira_attempts",
    "Calls to a provider: accepted, rejected, in_doubt.",
    ["provider", "channel", "outcome"],
    registry=REGISTRY,
)
NOT_OPENED = Counter(
    "sira_addresses_not_opened",
    "Messages that did not leave: the vault of this process does not open their address.",
    registry=REGISTRY,
)
SENDS = Histogram(
    "sira_send_seconds",
    "Time that a provider took to answer a call.",
    ["provider", "channel"],
    buckets=_CALL_S,
    registry=REGISTRY,
)
RECEIPTS = Counter(
    "sira_receipts",
    "Receipts of providers, by what they say; moved: whether they told something new.",
    ["provider", "status", "moved"],
    registry=REGISTRY,
)
PROVIDER_ILLNESSES = Counter(
    "sira_provider_illnesses",
    "Times that a provider was left alone after a failure of its own, by whose fault it was.",
    ["provider", "scope"],
    registry=REGISTRY,
)
PROVIDER_RESTS_UNTIL = Gauge(
    "sira_provider_rests_until_timestamp_seconds",
    "Until when this process leaves a provider alone; 0 or past: it does not.",
    ["provider"],
    registry=REGISTRY,
)
WRITES_WAITING = Gauge(
    "sira_database_writes_waiting",
    "Units of work handed to the database and not yet answered.",
    registry=REGISTRY,
)
WRITES = Histogram(
    "sira_database_write_seconds",
    "Time from handing in a unit of work to its commit, the wait included.",
    buckets=_WRITE_S,
    registry=REGISTRY,
)

# ---------------------------------------------------- asked of the database, when it is scraped

DATABASE_UP = Gauge(
    "sira_database_up",
    "Whether the database answered this scrape, and took a write.",
    registry=REGISTRY,
)
QUEUE_DEPTH = Gauge(
    "sira_queue_depth",
    "Deliveries that wait to be sent, those for later included.",
    ["channel", "level"],
    registry=REGISTRY,
)
QUEUE_AGE = Gauge(
    "sira_queue_oldest_seconds",
    "How long the oldest delivery that is due, or severe and in doubt, has waited; 0: none is.",
    ["channel", "level"],
    registry=REGISTRY,
)
IN_THE_AIR = Gauge(
    "sira_deliveries_sending", "Deliveries that a worker holds.", ["channel"], registry=REGISTRY
)
IN_DOUBT = Gauge(
    "sira_deliveries_in_doubt",
    "Deliveries that a provider may or may not have.",
    ["channel"],
    registry=REGISTRY,
)
UNTOLD = Gauge("sira_alerts_untold", "Alerts that wait for fan-out.", registry=REGISTRY)
UNTOLD_AGE = Gauge(
    "sira_alerts_untold_oldest_seconds",
    "How long the oldest of them has waited; 0: none does.",
    registry=REGISTRY,
)
HELD = Gauge("sira_alerts_held", "Alerts that wait for a moderator's release.", registry=REGISTRY)
ANSWERS_WAITING = Gauge(
    "sira_answers_waiting", "Answers by hand that have not left yet.", registry=REGISTRY
)
ANSWERS_AGE = Gauge(
    "sira_answers_oldest_seconds",
    "How long the oldest of them has waited; 0: none does.",
    registry=REGISTRY,
)
ANSWERS_IN_DOUBT = Gauge(
    "sira_answers_in_doubt",
    "Answers by hand that a provider may or may not have.",
    registry=REGISTRY,
)
ANSWERS_NOT_ARRIVED = Gauge(
    "sira_answers_not_arrived",
    "Answers by hand of the last 24 hours that ended without reaching anybody.",
    registry=REGISTRY,
)
RATING_LAG = Gauge(
    "sira_rating_lag_seconds",
    "Age of the oldest rating that time can change; 0: there is none.",
    registry=REGISTRY,
)
STALE = Gauge(
    "sira_sections_stale",
    "Sections that are rated by rules no longer in force.",
    registry=REGISTRY,
)
CLOCK_WRONG = Gauge(
    "sira_clock_wrong_seconds",
    "How far the machine's clock is behind the newest alert, or from the database server's, or"
    " from what is believed; 0: right.",
    registry=REGISTRY,
)
ACCOUNT_REFUSED = Gauge(
    "sira_account_refused",
    "1: the provider refuses our account, as it last said to a call or in a receipt.",
    ["provider"],
    registry=REGISTRY,
)
CONFIG = Gauge(
    "sira_config_info",
    "1; hash: what tells the configuration that this process read from another.",
    ["hash"],
    registry=REGISTRY,
)
DUTY_MISSED = Gauge(
    "sira_duty_missed",
    "Ways by which the person on duty does not get what is sent.",
    registry=REGISTRY,
)
WORKERS = Gauge("sira_workers", "Workers that gave a sign of life lately.", registry=REGISTRY)
DEAD_MAN = Gauge(
    "sira_dead_man", "1: something is due and no worker has run for too long.", registry=REGISTRY
)


def provider_fell_ill(provider: str, *, scope: str, rests_until: float) -> None:
    """Count that a provider is left alone until `rests_until`, seconds since 1970.

    It is not set back when the rest is over: expressions hold it against `time()`.
    """
    PROVIDER_ILLNESSES.labels(provider, scope).inc()
    PROVIDER_RESTS_UNTIL.labels(provider).set(rests_until)


def provider_recovered(provider: str) -> None:
    """Say that a provider is not left alone any more."""
    PROVIDER_RESTS_UNTIL.labels(provider).set(0)


@lru_cache(maxsize=256)
def attempts(provider: str, channel: str, outcome: str) -> Counter:
    """Return the counter of calls with one outcome; looked up once: it is wanted for each call."""
    return ATTEMPTS.labels(provider, channel, outcome)


@lru_cache(maxsize=64)
def sends(provider: str, channel: str) -> Histogram:
    """Return the histogram of how long calls to a provider take; looked up once."""
    return SENDS.labels(provider, channel)


def receipt(provider: str, status: str, *, moved: bool) -> None:
    """Count a receipt; words that no provider is known to use are counted as one."""
    status = status if status in RECEIPT_WORDS else "other"
    RECEIPTS.labels(provider, status, str(moved).lower()).inc()


def exposition() -> bytes:
    """Return every metric in the text format of Prometheus (0.0.4)."""
    return generate_latest(REGISTRY)
