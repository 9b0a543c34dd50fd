"""Reports as they are sent and answered, alone and in batches, and as they are kept."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from app.api.bodies import SOMEWHERE, PositionIn
from app.core.levels import Level
from app.http.model import ApiModel, AsKept, Instant, NotTruth
from app.incidents.filed import SUMMARY_LIMIT
from app.incidents.report import Basis
from app.incidents.store import StoredReport

#: Reports taken in one batch.
BATCH_LIMIT = 1_000

Short = Annotated[str, Field(max_length=300)]

Figure = Annotated[int, Field(ge=0, le=1_000_000), NotTruth]


class RangeIn(ApiModel):
    """A figure as the source gives it: at least `low`, at most `high`."""

    low: Figure
    high: Figure


class SourceIn(ApiModel):
    """Who says so. The name of a person is never kept."""

    name: Annotated[str | None, Field(max_length=200)] = None
    type: Annotated[str, Field(max_length=40)] = "reporter"
    url: Annotated[str | None, Field(max_length=2_000)] = None


class ReportIn(ApiModel):
    """One claim. Say where by `place`, `position`, `road` + `km`, or `region`."""

    kind: Annotated[
        str,
        Field(
            max_length=60,
            examples=["fuel_interception"],
            description="One of the `kinds` of `GET /v1/vocabulary`.",
        ),
    ]
    occurred_at: Annotated[Instant, Field(examples=["2026-01-31T08:30:00Z"])]
    date_precision: Literal["instant", "day", "week", "month"] = "instant"
    starts_at: Annotated[
        Instant | None,
        Field(description="From when it is to hold, where it is announced; else read in `summary`"),
    ] = None
    place: Annotated[
        Short | None,
        Field(
            description="One place, or several (`Kadiolo, Misseni et Fourou`): a report of each",
            examples=["Lakamane"],
        ),
    ] = None
    position: PositionIn | None = None
    road: Annotated[Short | None, Field(examples=["RN1"])] = None
    km: Annotated[float | None, Field(ge=0, le=3_000), NotTruth] = None
    towards: Annotated[str | None, Field(max_length=200)] = None
    region: Annotated[str | None, Field(max_length=200)] = None
    somewhere: Annotated[bool, Field(description=SOMEWHERE)] = False
    summary: Annotated[str, Field(max_length=SUMMARY_LIMIT)] = ""
    cargo: Annotated[str | None, Field(max_length=200, examples=["fuel"])] = None
    actor: Annotated[str | None, Field(max_length=200)] = None
    target: Annotated[str | None, Field(max_length=200)] = None
    figures: Annotated[str | None, Field(max_length=500)] = None
    fatalities: Figure | RangeIn | None = None
    abducted: Figure | RangeIn | None = None
    vehicles: Figure | RangeIn | None = None
    source: SourceIn | None = None
    basis: Annotated[
        Basis, Field(description="How the source knows; of a message `relayed` where not said.")
    ] = Basis.FIRSTHAND
    language: Annotated[str | None, Field(max_length=20)] = None
    inbound_id: Annotated[
        str | None,
        Field(
            max_length=64,
            description="The message (`GET /v1/inbound`) that somebody at the desk makes it of: it"
            " is the word of the phone that wrote, one source with all else that it says, and the"
            " message waits for nobody any more. Once: 409 `message-filed` names the report.",
        ),
    ] = None
    besides: Annotated[
        bool,
        Field(description="A report was made of that message; this is something else it says."),
    ] = False


class EffectOut(ApiModel):
    """What a report changed on one route for one cargo, and why."""

    route: str
    section: str | None
    cargo: str
    before: Level
    after: Level
    score: float
    alert_id: str | None
    alert_type: str | None
    decision: str
    reasons: list[str]


class BatchEntry(ReportIn):
    """One report of a batch."""

    idempotency_key: Annotated[str | None, Field(min_length=1, max_length=200)] = None


class AlsoOut(ApiModel):
    """A further place that the report names: what it tells of there is a report of its own.

    A name that nobody knows is `asked`, without an incident: the desk looks for it.
    """

    report: AsKept
    incident: AsKept | None


class ReportOutcomeOut(ApiModel):
    """What became of a report: of the first place that it names and, in `also`, of the others.

    `effects` are those of all of them.
    """

    report: AsKept
    incident: AsKept | None
    effects: list[EffectOut]
    also: list[AlsoOut] = Field(default_factory=list)


class BatchIn(ApiModel):
    """Up to 1,000 reports; the bare list will do, too.

    Each may carry its own `idempotency_key`; that of the whole stands for those without one.
    """

    reports: Annotated[list[Any], Field(min_length=1, max_length=BATCH_LIMIT)]

    @model_validator(mode="before")
    @classmethod
    def _bare_list(cls, value: Any) -> Any:
        return {"reports": value} if isinstance(value, list) else value


class BatchItemOut(ApiModel):
    """The outcome of one report of a batch: `status` is what it would have been alone."""

    index: int
    status: int
    report: AsKept | None = None
    incident: AsKept | None = None
    effects: list[EffectOut] = Field(default_factory=list)
    also: list[AlsoOut] = Field(default_factory=list)
    problem: dict[str, Any] | None = None


class BatchOut(ApiModel):
    """Outcomes in the order of the reports."""

    accepted: int
    refused: int
    items: list[BatchItemOut]


class StoredReportOut(ApiModel):
    """A report as kept: what was answered when it came, and the incident it speaks of now."""

    id: str
    external_id: str | None
    outcome: str
    received_at: datetime
    incident_id: str | None
    candidates: list[dict[str, Any]]
    answer: dict[str, Any]
    set_aside_at: datetime | None
    duress: Annotated[
        bool | None, Field(description="Its sender may have been forced; told to the desk alone.")
    ] = None


def stored_out(stored: StoredReport, *, duress: bool | None = None) -> StoredReportOut:
    """Return a report as it is answered; `duress`: its sender may have been forced."""
    return StoredReportOut(
        id=stored.id,
        external_id=stored.external_id,
        outcome=stored.outcome,
        received_at=stored.received_at,
        incident_id=stored.incident_id,
        candidates=[dict(candidate) for candidate in stored.candidates],
        answer=dict(stored.answer),
        set_aside_at=stored.set_aside_at,
        duress=duress,
    )
