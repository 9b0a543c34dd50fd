"""A report on its way in: what comes with it, whether it can be taken, whether it came before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection

from app.core.errors import ConflictError, InvalidError
from app.flows.context import Context
from app.flows.reports.tell_reporter import Spoken
from app.flows.wire import candidate_out
from app.incidents import store as incident_store
from app.incidents.filed import FiledReport, check_filed
from app.incidents.origins import kept_body
from app.roads.places import Location, PlaceQuery, Unplaced
from app.roads.several import locate_each


class ReportInvalidError(InvalidError):
    """A field of the report cannot be true, or is not a word Sira knows."""

    code: ClassVar[str] = "report-invalid"
    title: ClassVar[str] = "The report cannot be accepted"


class PlaceUnresolvedError(InvalidError):
    """No place, or more than one, fits what the report says of where. Send one of `candidates`.

    `somewhere` names a road too long to be one place: where nobody can say where on it, send the
    report again with `somewhere` true, and all of that road is warned.
    """

    code: ClassVar[str] = "place-unresolved"
    title: ClassVar[str] = "The place is unknown or ambiguous"

    def __init__(self, found: Unplaced, asked: PlaceQuery) -> None:
        super().__init__(
            found.detail,
            errors=[{"pointer": _where_asked(found, asked), "detail": found.detail}],
            extra={
                "reason": found.reason,
                "candidates": [candidate_out(candidate) for candidate in found.candidates],
                "somewhere": found.road.somewhere if found.road else None,
            },
        )


def _where_asked(found: Unplaced, asked: PlaceQuery) -> str:
    """Return the pointer to what of the place cannot be accepted."""
    if asked.position is not None and (found.reason == "outside" or asked.place is None):
        return "/position"
    if asked.place is not None:
        return "/place"
    named = (("/road", asked.road), ("/region", asked.region))
    return next((pointer for pointer, value in named if value is not None), "/place")


class IdempotencyConflictError(ConflictError):
    """The same Idempotency-Key came with another report. Use a new key for a new report."""

    code: ClassVar[str] = "idempotency-conflict"
    title: ClassVar[str] = "The key was used for another report"


class MessageFiledError(ConflictError):
    """Somebody made a report of this message before: two would count as two sources."""

    code: ClassVar[str] = "message-filed"
    title: ClassVar[str] = "The message is a report already"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """A report on its way in.

    Attributes:
        key_id: The key it came with, or "cli".
        trusted: Filed by the desk or the operator: its source counts as known. A reporter's key
            becomes known by a record of confirmed reports.
        body_hash: Tells a repeated report from another one under the same idempotency key.
        backfill: History being filled in: rated, but nobody is alerted.
        keep_unplaced: Store a report whose place is not found for a moderator, rather than ask.
        free_text: As in files, a cargo in words that nobody knows is not known, and no fault.
        opens: The id of an incident that it opens, where its sender was told one.
        heard: The id of the message that somebody at the desk makes it of.
        voice: Under what the phone that wrote that message files: it is its word, and one voice
            with all else that it says. None: it is the word of whoever has the key.
    """

    filed: FiledReport
    key_id: str
    trusted: bool
    body_hash: str
    idempotency_key: str | None = None
    backfill: bool = False
    keep_unplaced: bool = False
    free_text: bool = False
    opens: str | None = None
    heard: str | None = None
    voice: str | None = None

    @property
    def speaker(self) -> str:
        """Return under what whoever's word it is files."""
        return self.voice or self.key_id

    @property
    def once(self) -> str | None:
        """Return what a report that is sent again has in common with the first, if anything."""
        if self.idempotency_key is None:
            return None
        return f"{self.key_id} {self.idempotency_key}"

    def kept_key(self, context: Context) -> str | None:
        """Return what stands for its key at rest: senders make keys of their numbers."""
        if self.idempotency_key is None:
            return None
        return context.keyed_hash(f"idempotency:{self.idempotency_key}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOutcome:
    """What became of a report: the answer, whether it is a repeated one, and alerts raised.

    `bundle_id` is what the alerts are told by; None when there are none. `spoken` is the incident
    that it speaks of, of which the answer may tell less; None of one repeated, or not placed.
    `asked`: it waits for the desk, whatever the answer says.
    """

    answer: Mapping[str, Any]
    replayed: bool
    alerts: int
    bundle_id: str | None = None
    spoken: Spoken | None = None
    asked: bool = False


def check_and_locate(filing: Filing, *, context: Context, now: datetime) -> Location | Unplaced:
    """Return where the report says it happened, or what to ask.

    Pure: done before any transaction is open.

    Raises:
        ReportInvalidError: A field cannot be true or is not a known word.
    """
    config = context.config
    wrong = check_filed(
        filing.filed,
        kinds=config.kinds,
        cargoes=config.cargoes,
        now=now,
        free_text=filing.free_text,
    )
    if wrong:
        raise ReportInvalidError("; ".join(entry["detail"] for entry in wrong), errors=wrong)
    return locate_each(filing.filed.place_query(config.kinds), context.gazetteer)


def find_replay(conn: Connection, filing: Filing, *, context: Context) -> ReportOutcome | None:
    """Return the answer to a report that came before under the key of this one, if any did.

    Raises:
        IdempotencyConflictError: The idempotency key was used for another report.
    """
    kept = filing.kept_key(context)
    if filing.idempotency_key is None or kept is None:
        return None
    earlier = incident_store.find_replay(conn, filing.key_id, kept, formerly=filing.idempotency_key)
    if earlier is None:
        return None
    kept_body_hash = kept_body(filing.body_hash, context.keyed_hash)
    if earlier.body_hash not in {kept_body_hash, filing.body_hash}:  # earlier versions: no key
        raise IdempotencyConflictError(
            "This Idempotency-Key came before with another report; use a new one."
        )
    return ReportOutcome(answer=earlier.answer, replayed=True, alerts=0)
