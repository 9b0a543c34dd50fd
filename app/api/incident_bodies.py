"""Incidents as the API takes and shows them, and what it takes of the desk's word on them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from app.api.bodies import PlaceIn
from app.http.model import ApiModel, AsKept, Instant, Unsealed

Id = Annotated[str, Field(min_length=1, max_length=64)]
_WHO = "Others than the desk are told known names alone, and not the words of a report."


class IncidentIn(ApiModel):
    """What a moderator says of an incident; members left out stay as they are."""

    status: Literal["open", "confirmed", "refuted", "resolved"] | None = None
    kind: Annotated[str | None, Field(max_length=60)] = None
    place: Annotated[
        PlaceIn | Annotated[str, Field(max_length=300)] | None,
        Field(description="Where it was in truth."),
    ] = None
    starts_at: Annotated[
        Instant | None,
        Field(
            description="Of a closure: from when it holds in truth, where it was put off or begins"
            " early. At most 92 days ahead."
        ),
    ] = None
    note: Annotated[Unsealed | None, Field(max_length=500, description="Why; no names.")] = None

    @model_validator(mode="after")
    def _says_something(self) -> "IncidentIn":
        said = (self.status, self.kind, self.place, self.starts_at)
        if said == (None, None, None, None):
            raise ValueError("say status, kind, place or starts_at")
        return self


class MergeIn(ApiModel):
    """Which incident this one is a part of."""

    into: Id


class SplitIn(ApiModel):
    """The reports that speak of another event."""

    report_ids: Annotated[list[Id], Field(min_length=1, max_length=1_000)]


class IncidentOut(ApiModel):
    """An incident as it is held now; others than the desk are not told where a convoy is."""

    id: str
    version: int
    kind: str
    family: str
    status: str
    certainty: Annotated[str, Field(description="`confirmed` or `unconfirmed`.")]
    credibility: Annotated[float, Field(description="How far it is believed, 0 to 1.")]
    occurred_at: str
    date_precision: str
    starts_at: Annotated[
        str | None,
        Field(description="From when it holds, where it was announced for a day to come."),
    ]
    first_reported_at: str
    last_reported_at: str
    location: dict[str, Any]
    elsewhere: Annotated[
        list[dict[str, Any]],
        Field(
            description="Further places that were given for it. It holds on the roads of each until"
            " a moderator says which is true."
        ),
    ]
    cargo: list[str]
    in_part: Annotated[
        bool | None,
        Field(
            description="Of a road open again: one way, under escort, not yet, or nobody knows to"
            " whom, so that it ends no closure. Where it is known, they are its `cargo`. Told to"
            " the desk."
        ),
    ]
    shut: Annotated[
        list[str],
        Field(
            description="Of a road open again: the cargoes to which it stays closed. Told to the"
            " desk."
        ),
    ]
    lifted_for: Annotated[
        list[str],
        Field(description="The cargoes for which it is over while it goes on for the others."),
    ]
    actor: Annotated[str | None, Field(description=_WHO)]
    target: Annotated[str | None, Field(description=_WHO)]
    fatalities: dict[str, int] | None
    abducted: dict[str, int] | None
    vehicles: dict[str, int] | None
    reports: Annotated[int, Field(description="How many reports speak of it.")]
    independent_sources: int
    resolved_at: str | None
    resolved_by: str | None
    verdict_by: str | None
    merged_into: str | None


class HeldBy(ApiModel):
    """Who works on it at the desk, by the name of the key."""

    name: str
    until: Instant


class DecisionOut(ApiModel):
    """The incident as it is held now, and what followed.

    Nobody is kept from deciding, for it may be urgent: who was working on it is named, to be told.
    What he was shown is old now, and the desk asks him to look again.
    """

    incident: IncidentOut
    effects: list[dict[str, Any]]
    held_by: HeldBy | None = None


class VersionOut(ApiModel):
    """What was held from `known_at` on, and because of what."""

    known_at: datetime
    cause: str
    incident: IncidentOut


class IncidentWhole(IncidentOut):
    """An incident; for the desk with its reports as filed and every version it ever had."""

    held_by: HeldBy | None = None
    filed: list[AsKept] | None = None
    versions: list[VersionOut] | None = None
