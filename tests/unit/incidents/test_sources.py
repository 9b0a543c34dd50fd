"""Who reports becomes known by several confirmed incidents, looked up now and then."""

from datetime import UTC, datetime, timedelta

from app.incidents.sources import KNOWN_FROM, KnownSources

NOW = datetime(2025, 9, 6, 8, tzinfo=UTC)


def test_one_confirmed_incident_is_no_record() -> None:
    assert not KnownSources().has_record("k1", lambda: KNOWN_FROM - 1, now=NOW)
    assert KnownSources().has_record("k1", lambda: KNOWN_FROM, now=NOW)


def test_a_record_is_counted_again_after_some_minutes_only() -> None:
    known, asked = KnownSources(), []

    def count() -> int:
        asked.append(1)
        return KNOWN_FROM if len(asked) > 1 else 0

    assert not known.has_record("k1", count, now=NOW)
    assert not known.has_record("k1", count, now=NOW + timedelta(minutes=4))
    assert known.has_record("k1", count, now=NOW + timedelta(minutes=6))
    assert len(asked) == 2


def test_keys_do_not_share_a_record() -> None:
    known = KnownSources()
    known.has_record("k1", lambda: KNOWN_FROM, now=NOW)

    assert not known.has_record("k2", lambda: 0, now=NOW)
