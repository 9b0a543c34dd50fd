"""Rules whose condition fails on an incident: they count as not applying, and it is said."""

import logging
from collections.abc import Iterable, Mapping, Sequence

from app.risk.evidence import SectionEvidence
from app.risk.weighing import Exposed

_log = logging.getLogger(__name__)


def tell_failed(
    evidence: Iterable[SectionEvidence], news: Mapping[str, Sequence[Exposed]], *, rule_set: int
) -> None:
    """Log once each rule that failed on an incident of the news, and on which.

    No sample and no road showed it when the rule was saved (a division by a figure that nobody had
    reported yet). The level that the rule would have held is missing, and nobody would know.
    What failed before is not said again whenever a road is rated.
    """
    new = {one.incident.id for reached in news.values() for one in reached}
    failed = {
        (problem.rule, item.id): problem.message
        for known in evidence
        for item in known.items
        if item.id in new
        for problem in item.judgement.problems
    }
    for (rule, incident_id), said in sorted(failed.items()):
        _log.error(
            "rules.failed",
            extra={
                "rule_set": rule_set,
                "rule": rule,
                "incident_id": incident_id,
                "said": said,
                "hint": "it counts as not applying: mend its condition",
            },
        )
