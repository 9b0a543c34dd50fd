"""Keys seen a moment ago, so that most requests need no look-up."""

from datetime import datetime, timedelta

from app.accounts.keys import ApiKey

#: How long another process's revocation may go unseen. Our own clears the cache at once.
REMEMBERED_FOR = timedelta(seconds=5)
KEYS_REMEMBERED = 10_000


class KeyCache:
    """Keys by their hash. Only keys that exist are kept, so that guesses cannot fill it."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[datetime, ApiKey]] = {}
        self.generation = 0

    def find(self, key_hash: str, *, now: datetime) -> ApiKey | None:
        """Return the key if it was looked up within the last `REMEMBERED_FOR`."""
        found = self._seen.get(key_hash)
        if found is None or now - found[0] >= REMEMBERED_FOR:
            return None
        return found[1]

    def remember(self, key_hash: str, key: ApiKey, *, generation: int, now: datetime) -> None:
        """Keep `key`, unless something was revoked since `generation`, when it was looked up."""
        if generation != self.generation:
            return
        if len(self._seen) >= KEYS_REMEMBERED:
            self._seen.clear()
        self._seen[key_hash] = (now, key)

    def forget_all(self) -> None:
        """Look every key up again: one was revoked, or an organisation is gone."""
        self.generation += 1
        self._seen.clear()
