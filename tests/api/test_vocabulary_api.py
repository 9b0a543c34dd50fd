from typing import Any

import pytest

from tests.harness.api import Api

pytestmark = pytest.mark.alike


async def test_every_word_of_the_vocabulary_is_taken_in_a_report(api: Api) -> None:
    words: dict[str, Any] = (await api.admin.get("/v1/vocabulary")).json()
    said = {
        "place": "Lakamane",
        "occurred_at": api.clock.now().isoformat(),
        "summary": "x",
    }
    bodies = [
        *({**said, "kind": kind["code"]} for kind in words["kinds"]),
        *({**said, "kind": "ied", "cargo": cargo["code"]} for cargo in words["cargoes"]),
        *({**said, "kind": "ied", "source": {"type": one}} for one in words["source_types"]),
        *({**said, "kind": "ied", "basis": one} for one in words["bases"]),
        *({**said, "kind": "ied", "date_precision": one} for one in words["date_precisions"]),
    ]

    answers = [await api.admin.post("/v1/reports", json=body) for body in bodies]

    assert len(bodies) > 40
    assert {answer.status_code for answer in answers} == {201}


async def test_a_kind_says_what_it_is_called_and_what_it_ends(api: Api) -> None:
    words = (await api.admin.get("/v1/vocabulary")).json()
    kinds = {kind["code"]: kind for kind in words["kinds"]}

    assert kinds["hostage_release"]["labels"]["fr"] == "otages libérés"
    assert kinds["hostage_release"]["answers"] == ["abduction"]
    assert "kidnapping" in kinds["abduction"]["also"]
    assert words["levels"] == ["low", "unknown", "moderate", "high", "severe"]
