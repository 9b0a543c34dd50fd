"""Dashboards and alert rules speak of metrics that exist, and every rule is explained."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from promql_parser import AggModifierType, AggregateExpr, BinaryExpr, VectorSelector

from app.alerts.alert import AlertType
from app.delivery.outbox.vitals import LEVELS
from app.delivery.policy import DeliveryPolicy
from tests.harness.exposition import catalogue
from tests.harness.optional import missing

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "prometheus" / "sira.rules.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "sira.json"
RUNBOOK = ROOT / "docs" / "operations.md"

#: What Prometheus adds to every series, and the one series that it makes itself.
ADDED = {"job", "instance"}
OF_PROMETHEUS = {"up": set[str]()}
#: Values of labels that are words of ours.
WORDS: dict[tuple[str, str], set[str]] = {
    ("sira_queue_oldest_seconds", "level"): {*LEVELS.values()},
    ("sira_attempts_total", "outcome"): {"accepted", "rejected", "in_doubt"},
    ("sira_attempts_total", "channel"): {"sms", "email"},
    ("sira_alerts_fanned_out_total", "type"): {*AlertType},
    ("sira_provider_illnesses_total", "scope"): {"account", "provider"},
    ("sira_receipts_total", "status"): {"delivered"},
    ("sira_reports_total", "outcome"): {"opened", "joined", "asked", "repeated", "refused"},
}


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    return list(json.loads(DASHBOARD.read_text())["panels"])


def expressions() -> list[tuple[str, str]]:
    """Return every expression with where it stands."""
    ours = [(rule["alert"], rule["expr"]) for rule in rules()]
    shown = [
        (f"{panel['title']} {target['refId']}", target["expr"].replace("$__rate_interval", "5m"))
        for panel in panels()
        for target in panel.get("targets", ())
    ]
    return ours + shown


def faults_of(expression: str) -> list[str]:
    """Return what an expression speaks of that does not exist."""
    known = catalogue() | OF_PROMETHEUS
    found: list[str] = []
    _look(promql_parser.parse(expression), known, found)
    return found


def _look(node: Any, known: dict[str, set[str]], found: list[str]) -> set[str]:
    """Collect faults below `node`; return the labels that its result has."""
    if isinstance(node, VectorSelector):
        return _selected(node, known, found)
    if isinstance(node, AggregateExpr):
        labels = _look(node.expr, known, found)
        grouped = set(node.modifier.labels) if node.modifier else set()
        found += [f"no label {label} to group by" for label in sorted(grouped - labels)]
        without = node.modifier and node.modifier.type == AggModifierType.Without
        return labels - grouped if without else grouped
    if isinstance(node, BinaryExpr):
        left, right = (_look(side, known, found) for side in (node.lhs, node.rhs))
        return left or right
    inside = [
        getattr(node, name) for name in ("expr", "vector_selector") if getattr(node, name, None)
    ]
    inside += getattr(node, "args", None) or []
    return set().union(*(_look(part, known, found) for part in inside))


def _selected(node: VectorSelector, known: dict[str, set[str]], found: list[str]) -> set[str]:
    if node.name not in known:
        found.append(f"no metric {node.name}")
        return set()
    labels = known[node.name] | ADDED
    for matcher in node.matchers.matchers:
        if matcher.name not in labels:
            found.append(f"{node.name} has no label {matcher.name}")
        words = WORDS.get((node.name, matcher.name))
        if words is not None and matcher.value not in words:
            found.append(f"{matcher.name} of {node.name} is never {matcher.value}")
    return labels


@pytest.mark.parametrize(("where", "expression"), expressions())
def test_an_expression_speaks_of_what_exists(where: str, expression: str) -> None:
    assert faults_of(expression) == [], where


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("max(sira_queue_length) > 1", "no metric sira_queue_length"),
        ("rate(sira_attempts[5m])", "no metric sira_attempts"),
        ('sira_dead_man{colour="red"}', "sira_dead_man has no label colour"),
        ("sum by (route) (sira_queue_depth)", "no label route to group by"),
        ('sira_attempts_total{outcome="lost"}', "outcome of sira_attempts_total is never lost"),
        (
            "histogram_quantile(0.9, sum by (route) (rate(sira_send_seconds_bucket[5m])))",
            "no label route to group by",
        ),
        ("1 + max_over_time(sira_wrong[1h:1m])", "no metric sira_wrong"),
    ],
)
def test_a_slip_in_an_expression_is_found(expression: str, fault: str) -> None:
    assert faults_of(expression) == [fault]


def test_every_metric_is_looked_at_by_a_rule_or_a_panel() -> None:
    text = " ".join(expression for _, expression in expressions())
    unseen = {
        name
        for name in catalogue()
        if name.startswith("sira_") and re.sub(r"_(bucket|sum|count)$", "", name) not in text
    }

    assert unseen <= {"sira_deliveries_sending", "sira_deliveries_made_total"}


def test_every_rule_has_a_severity_a_summary_and_a_page_in_the_runbook() -> None:
    headings = set(re.findall(r"^#+ (\w+)$", RUNBOOK.read_text(), re.MULTILINE))

    for rule in rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}, rule["alert"]
        assert rule["annotations"]["summary"], rule["alert"]
    assert {rule["alert"] for rule in rules()} <= headings


def test_panels_do_not_overlap_and_have_ids_of_their_own() -> None:
    cells = [
        (x, y)
        for panel in panels()
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]

    assert len(cells) == len(set(cells))
    assert len({panel["id"] for panel in panels()}) == len(panels())


def test_every_process_of_the_compose_file_is_a_target_by_its_own_name() -> None:
    """Two behind one name are taken for one process, whose counters jump and which never dies."""
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    scraped = yaml.safe_load((RULES.parent / "prometheus.yml").read_text())["scrape_configs"][0]
    containers = {
        f"{compose['name']}-{name}-{number}"
        for name, service in compose["services"].items()
        for number in range(1, service.get("deploy", {}).get("replicas", 0) + 1)
    }

    targets = [target for group in scraped["static_configs"] for target in group["targets"]]

    assert sorted(target.partition(":")[0] for target in targets) == sorted(containers)


def promtool(*words: str | Path) -> None:
    tool = shutil.which("promtool")
    if tool is None:
        missing("promtool", "not on the PATH; every expression is parsed above all the same")
    done = subprocess.run([tool, *words], check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_the_rules() -> None:
    promtool("check", "rules", RULES)


def test_a_refused_account_is_told_at_the_first_refusal_and_after_a_restart(
    tmp_path: Path,
) -> None:
    """A counter that comes up at 1 has not increased, and a receipt counts in none."""
    summary = "twilio refuses our account: out of money, suspended, or a wrong token."
    fires = {
        "exp_labels": {"severity": "page", "provider": "twilio"},
        "exp_annotations": {"summary": summary},
    }
    series = [
        {"series": 'sira_account_refused{provider="twilio"}', "values": "_x3 1x7 _x30"},
        {
            "series": 'sira_provider_illnesses_total{scope="account",provider="twilio"}',
            "values": "_x3 1x20",
        },
    ]
    told = {"2m": [], "4m": [fires], "10m": [fires], "17m": []}

    expect("SiraAccountRefused", series, told, tmp_path)


@pytest.mark.parametrize("refused", [False, True])
def test_a_refused_account_is_not_told_as_many_refused_messages_too(
    tmp_path: Path, *, refused: bool
) -> None:
    fires = {
        "exp_labels": {"severity": "ticket", "provider": "twilio"},
        "exp_annotations": {"summary": "twilio refuses 100% of our messages."},
    }
    series = [
        {"series": 'sira_account_refused{provider="twilio"}', "values": "1x9 _x30"},
        {
            "series": 'sira_attempts_total{outcome="rejected",provider="twilio",channel="sms"}',
            "values": "0+10x30",
        },
    ]
    told = dict.fromkeys(("9m", "20m"), [] if refused else [fires])

    expect("SiraRejections", series if refused else series[1:], told, tmp_path)


@pytest.mark.parametrize("refused", [False, True])
def test_a_refused_account_is_not_told_as_a_provider_that_fails_too(
    tmp_path: Path, *, refused: bool
) -> None:
    fires = {
        "exp_labels": {"severity": "ticket", "provider": "twilio"},
        "exp_annotations": {"summary": "twilio has failed for minutes and is being left alone."},
    }
    series = [
        {"series": 'sira_account_refused{provider="twilio"}', "values": "1x30"},
        {
            "series": 'sira_provider_rests_until_timestamp_seconds{provider="twilio"}',
            "values": "9000x30",
        },
    ]

    told = {"20m": [] if refused else [fires]}
    expect("SiraProviderIll", series if refused else series[1:], told, tmp_path)


def test_a_provider_that_fails_again_after_each_rest_is_told(tmp_path: Path) -> None:
    """Between a rest and the next nothing rests, for longer as Prometheus sees it."""
    fires = {
        "exp_labels": {"severity": "ticket", "provider": "twilio"},
        "exp_annotations": {"summary": "twilio has failed for minutes and is being left alone."},
    }
    rest_s, call_s = 60, 10
    seen = [at - at % (rest_s + call_s) + rest_s for at in range(0, 900, 15)]
    series = {
        "series": 'sira_provider_rests_until_timestamp_seconds{provider="twilio"}',
        "values": " ".join(map(str, [*seen, *[0] * 20])),  # then it takes messages again
    }
    told = {"4m": [], "8m": [fires], "11m15s": [fires], "14m": [fires], "16m": []}

    expect("SiraProviderIll", [series], told, tmp_path, every="15s")


def test_doubts_that_nobody_settles_are_told_before_they_are_decided(tmp_path: Path) -> None:
    fires = {
        "exp_labels": {"severity": "ticket", "channel": "sms"},
        "exp_annotations": {"summary": "400 messages on sms may or may not have been sent."},
    }
    settle_s = DeliveryPolicy().settle_for.total_seconds()
    doubts = [400] * int(settle_s // 15 - 1)
    series = {
        "series": 'sira_deliveries_in_doubt{channel="sms"}',
        "values": " ".join(map(str, [0, 0, *doubts, 0, 0, 0])),
    }

    expect("SiraDoubts", [series], {"1m": [], "3m": [fires]}, tmp_path, every="15s")


def test_that_no_worker_runs_is_told_once(tmp_path: Path) -> None:
    fires = {
        "exp_labels": {"severity": "page"},
        "exp_annotations": {"summary": "No worker runs. The next alert will not be sent."},
    }
    series = [
        {"series": "sira_workers", "values": "0x20"},
        {"series": "sira_dead_man", "values": "0x5 1x15"},
    ]

    expect("SiraNoWorker", series, {"4m": [fires], "10m": []}, tmp_path)


def test_machines_with_other_configurations_are_told_after_an_upgrade_had_its_time(
    tmp_path: Path,
) -> None:
    says = "2 configurations are in use at once; what is told depends on the machine."
    fires = {"exp_labels": {"severity": "ticket"}, "exp_annotations": {"summary": says}}
    series = [
        {"series": f'sira_config_info{{hash="{one}",instance="{place}"}}', "values": "1x120"}
        for place, one in (("api-1", "a"), ("api-2", "a"), ("worker", "b"))
    ]

    expect("SiraConfigDiffers", series, {"50m": [], "70m": [fires]}, tmp_path)
    expect("SiraConfigDiffers", series[:2], {"70m": []}, tmp_path)


def expect(
    alert: str,
    series: list[Any],
    told: dict[str, list[Any]],
    folder: Path,
    *,
    every: str = "1m",
) -> None:
    """Let a time pass between the values of each series; compare what is told at instants."""
    tests = {
        "rule_files": [str(RULES)],
        "evaluation_interval": every,
        "tests": [
            {
                "interval": every,
                "input_series": series,
                "alert_rule_test": [
                    {"eval_time": at, "alertname": alert, "exp_alerts": expected}
                    for at, expected in told.items()
                ],
            }
        ],
    }
    (folder / "tests.yml").write_text(yaml.safe_dump(tests))

    promtool("test", "rules", folder / "tests.yml")
