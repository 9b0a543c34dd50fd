"""No alert asks for an answer: a sender's name, as in Mali, cannot be answered."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.roads.folding import fold
from tests.harness.api import CONFIG

#: Words that would tell a reader to write back.
ANSWERS = {
    "repondez", "repondre", "reponse", "reply", "answer", "sms", "envoyez", "textez", "send",
    "text",
}  # fmt: skip
#: Written so, they are commands; "arrêt à la ville" is advice.
COMMANDS = re.compile(r"\b(STOP|ARR[EÊ]T|OK|START|REPRENDRE|AIDE|HELP)\b")
TEXTS = sorted((CONFIG / "templates").glob("*/texts.toml"))


def wordings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in wordings(one)]
    if isinstance(value, list):
        return [text for one in value for text in wordings(one)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.parent.name)
def test_no_wording_of_an_alert_asks_to_write_back(path: Path) -> None:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    del table["escalation"]  # written for one number: see test_escalation_text
    texts = wordings(table)

    assert len(texts) > 50
    asking = [text for text in texts if ANSWERS & set(fold(text).split()) or COMMANDS.search(text)]
    assert asking == []
