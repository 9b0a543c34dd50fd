"""A reporter who never stops: each report is sent until it is answered, under a key of its own."""

import itertools
import threading
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.harness.running import Running, eventually
from tests.harness.site import Site


class Reporter:
    """Posts reports from a thread of its own, to whatever process it is pointed at."""

    def __init__(self, site: Site, api: Running) -> None:
        self.api = api
        #: Ids of reports that were answered 2xx.
        self.answered: list[str] = []
        #: Answers and failures after which a report was sent again.
        self.again: list[str] = []
        self._key = site.admin
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def go_on(self) -> None:
        """Wait until a few more reports are answered."""
        enough = len(self.answered) + 5
        eventually(lambda: len(self.answered) >= enough, what=lambda: f"{self.again[-3:]}")

    def stop(self) -> None:
        """End once the present report is answered."""
        self._stop.set()
        self._thread.join(60)

    def _run(self) -> None:
        for number in itertools.count():
            if self._stop.is_set():
                return
            body = self._body(number)
            while (answered := self._post(body, f"report-{number}")) is None:
                self._stop.wait(0.1)
            self.answered.append(answered)

    def _post(self, body: dict[str, Any], key: str) -> str | None:
        headers = {"Authorization": f"Bearer {self._key}", "Idempotency-Key": key}
        try:
            answer = httpx.post(
                f"{self.api.url}/v1/reports", json=body, headers=headers, timeout=20
            )
        except httpx.TransportError as error:
            self.again.append(type(error).__name__)
            return None
        if not answer.is_success:
            self.again.append(f"{answer.status_code} {answer.text[:200]}")
            return None
        return str(answer.json()["report"]["id"])

    @staticmethod
    def _body(number: int) -> dict[str, Any]:
        """Far from the people of the site: nobody is told of it."""
        return {
            "kind": "banditry",
            "place": "Ansongo",
            "cargo": "goods",
            "occurred_at": datetime.now(UTC).isoformat(),  # noqa: TID251 - what the phone says
            "basis": "relayed",
            "summary": f"Trucks stopped near the ferry, number {number}",
        }
