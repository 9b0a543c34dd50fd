"""Which reporters have a record: enough of what they reported was confirmed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

#: Distinct confirmed incidents after which a key counts as a known source.
KNOWN_FROM = 3
#: A record is looked at again after so long: it grows by people's verdicts, slowly.
_GOOD_FOR = timedelta(minutes=5)
#: Keys remembered; more than ever report in some minutes.
_KEPT = 10_000


class KnownSources:
    """Remembers for some minutes whether a key has a record; safe between threads."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[datetime, bool]] = {}
        self._lock = Lock()

    def has_record(self, key_id: str, count: Callable[[], int], *, now: datetime) -> bool:
        """Return whether the key is known; `count` tells its confirmed incidents."""
        with self._lock:
            seen = self._seen.get(key_id)
        if seen is not None and abs(now - seen[0]) < _GOOD_FOR:
            return seen[1]
        known = count() >= KNOWN_FROM
        with self._lock:
            if len(self._seen) >= _KEPT:
                self._seen.clear()
            self._seen[key_id] = (now, known)
        return known
