"""Our segments beside those of Twilio's own calculator: every text there can be, and random ones.

    python -m bench.segments --calculator FOLDER [--random-only]

FOLDER: where npm put `sms-segments-calculator` (its node_modules is in it); node must be found.

1. 10,000 random texts: the counts are written to tests/unit/alerts/segments_counted.json, which
   the tests hold our counter against without npm.
2. Every level change x kind x section x certainty x cargo x language of the configured network, and
   every statement on the longest section, in one segment too: GSM-7, segments as allowed, and
   counted as the calculator counts them. Some ten minutes of a processor.
"""

import argparse
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from app.alerts.alert import Certainty
from app.alerts.sms_text import segments
from app.core.gsm7 import is_gsm7
from tests.harness.texts import (
    CARGOES,
    KINDS,
    LANGUAGES,
    LEVEL_CHANGES,
    LONGEST,
    SECTIONS,
    STATEMENTS,
    facts_on,
    random_texts,
    sms,
)

FROZEN = Path(__file__).parents[1] / "tests" / "unit" / "alerts" / "segments_counted.json"
_AT_ONCE = 20_000
_NODE = """
const {SegmentedMessage} = require('sms-segments-calculator');
const lines = require('readline').createInterface({input: process.stdin});
lines.on('line', line => console.log(JSON.stringify(
  JSON.parse(line).map(text => new SegmentedMessage(text).segmentsCount))));
"""


class Calculator:
    """Twilio's calculator in a node process."""

    def __init__(self, folder: Path) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._node = subprocess.Popen(["node", "-e", _NODE], cwd=folder, **pipes)  # type: ignore[call-overload]

    def count(self, texts: Sequence[str]) -> list[int]:
        """Return the segments of each text."""
        self._node.stdin.write(json.dumps(texts) + "\n")
        self._node.stdin.flush()
        return list(json.loads(self._node.stdout.readline()))

    def close(self) -> None:
        """End the process."""
        self._node.communicate()


def every_text() -> Iterator[tuple[str, int]]:
    """Yield every text and how many segments it may have."""
    of_section = itertools.product(
        LANGUAGES, SECTIONS, STATEMENTS, [*KINDS, None], Certainty, CARGOES
    )
    changes = (one for one in of_section if one[2][1] in LEVEL_CHANGES)
    others = itertools.product(
        [*LANGUAGES, *(f"{one}-x-1" for one in LANGUAGES)],
        [LONGEST],
        STATEMENTS,
        [*KINDS, None],
        Certainty,
        CARGOES,
    )
    for language, section, statement, kind, certainty, cargo in itertools.chain(changes, others):
        alert_type, reason, before, level = statement
        facts = facts_on(
            section,
            kind=kind,
            certainty=certainty,
            cargo=cargo,
            reason=reason,
            before=before,
            level=level,
        )
        single = reason in LEVEL_CHANGES or language.endswith("-x-1")
        yield sms(facts, alert_type, language).text, 1 if single else 2


def main() -> None:
    """Compare, print what was found, and freeze the counts of the random texts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calculator", type=Path, required=True)
    parser.add_argument("--random-only", action="store_true")
    args = parser.parse_args()
    calculator = Calculator(args.calculator)
    texts = random_texts()
    counted = calculator.count(texts)
    wrong = [text for text, count in zip(texts, counted, strict=True) if segments(text) != count]
    print(f"random texts: {len(texts)}, counted otherwise: {len(wrong)} {wrong[:3]!r}")
    digest = sha256("\0".join(texts).encode()).hexdigest()
    frozen = {"texts_sha256": digest, "segments": "".join(f"{count:x}" for count in counted)}
    FROZEN.write_text(json.dumps(frozen, indent=1) + "\n")
    bad = len(wrong) if args.random_only else len(wrong) + _compare_all(calculator)
    calculator.close()
    sys.exit(bad > 0)


def _compare_all(calculator: Calculator) -> int:
    made = bad = 0
    seen: set[bytes] = set()
    texts = every_text()
    while batch := list(itertools.islice(texts, _AT_ONCE)):
        made += len(batch)
        fresh = {}
        for text, most in batch:
            key = sha256(text.encode()).digest()[:12]
            if key not in seen:
                seen.add(key)
                fresh[text] = most
        counted = calculator.count(list(fresh)) if fresh else []
        for (text, most), count in zip(fresh.items(), counted, strict=True):
            if count != segments(text) or count > most or not is_gsm7(text):
                bad += 1
                print(f"{count} by Twilio, {segments(text)} by us, at most {most}: {text}")
    print(f"alerts: {made} made, {len(seen)} different texts, wrong: {bad}")
    return bad


if __name__ == "__main__":
    main()
