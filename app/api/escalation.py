"""/v1/organisations/{id}/escalation: who is told next while nobody answers a grave danger."""

from datetime import datetime
from typing import Annotated

from fastapi import Response
from pydantic import Field
from sqlalchemy import Connection

from app.api.alerts import visible
from app.delivery.outbox import call_rounds
from app.flows.outcomes import call_list
from app.http.deps import NowDep, ReaderDep, StateDep, SubscriberDep
from app.http.model import ApiModel, NotTruth
from app.http.routing import api_router
from app.subscribers.store import call_lists
from app.subscribers.store.call_lists import CallStep
from app.subscribers.store.organisations import get_organisation

router = api_router("/organisations", tag="organisations")
of_alerts = api_router("/alerts", tag="alerts")

_MOST_STEPS, _MOST_AT_ONCE, _DAY = 10, 5, 24 * 60


class StepFields(ApiModel):
    """Contacts who are told together when nobody has answered."""

    contact_ids: Annotated[
        list[Annotated[str, Field(max_length=64)]],
        Field(min_length=1, max_length=_MOST_AT_ONCE),
    ]
    after_minutes: Annotated[int, Field(ge=1, le=_DAY), NotTruth] | None = Field(
        default=None,
        description="Without an answer, since the step before was told; null: as configured.",
    )


class CallListFields(ApiModel):
    """Who is told next, in this order, until somebody of the organisation answers.

    A contact who was told already is passed over; with nobody left the moderator on duty calls.
    """

    steps: Annotated[list[StepFields], Field(min_length=1, max_length=_MOST_STEPS)]


class CallListOut(ApiModel):
    """A list, and how long an answer is waited for where it says nothing, in minutes by level."""

    steps: list[StepFields]
    wait_minutes: dict[str, int]


class EscalationOut(ApiModel):
    """How far an organisation's list was called for an alert.

    `step`: the last that was told; `due_at`: when the next is; `ended`: why none is: answered,
    over (the danger), exhausted (a person should call), not_told (nobody of it was).
    """

    organisation_id: str
    step: int
    told_at: datetime | None
    due_at: datetime | None
    ended: str | None


@router.get("/{organisation_id}/escalation")
async def get_call_list(
    organisation_id: str, caller: SubscriberDep, state: StateDep
) -> CallListOut:
    """Tell who is told next; no steps: nobody."""
    caller.must_see(organisation_id, what="organisation")

    def work(conn: Connection) -> list[CallStep]:
        get_organisation(conn, organisation_id, vault=state.vault)
        return call_lists.get_list(conn, organisation_id)

    return _shown(await state.db.read(work), state)


@router.put("/{organisation_id}/escalation")
async def set_call_list(
    organisation_id: str, body: CallListFields, caller: SubscriberDep, state: StateDep, now: NowDep
) -> CallListOut:
    """Set who is told next; it holds for what is told from now on."""
    caller.must_see(organisation_id, what="organisation")
    steps = [
        CallStep(contact_ids=tuple(one.contact_ids), after_minutes=one.after_minutes)
        for one in body.steps
    ]
    kept = await state.db.write(
        lambda conn: call_list.set_call_list(
            conn, organisation_id, steps, actor=caller.key_id, context=state.context, now=now
        )
    )
    return _shown(kept, state)


@router.delete("/{organisation_id}/escalation", status_code=204)
async def delete_call_list(
    organisation_id: str, caller: SubscriberDep, state: StateDep, now: NowDep
) -> Response:
    """Let nobody be told next any more."""
    caller.must_see(organisation_id, what="organisation")
    await state.db.write(
        lambda conn: call_list.set_call_list(
            conn, organisation_id, [], actor=caller.key_id, context=state.context, now=now
        )
    )
    return Response(status_code=204)


@of_alerts.get("/{alert_id}/escalations")
async def list_escalations(
    alert_id: str, caller: ReaderDep, state: StateDep
) -> list[EscalationOut]:
    """Tell how far the lists of organisations were called; a subscriber sees its own."""
    mine = caller.organisation_id

    def work(conn: Connection) -> list[EscalationOut]:
        visible(conn, alert_id, caller)
        found = call_rounds.list_of_alert(conn, alert_id, organisation_id=mine)
        return [EscalationOut(**one) for one in found]

    return await state.db.read(work)


def _shown(steps: list[CallStep], state: StateDep) -> CallListOut:
    waits = state.config.escalation.wait
    return CallListOut(
        steps=[
            StepFields(contact_ids=list(one.contact_ids), after_minutes=one.after_minutes)
            for one in steps
        ],
        wait_minutes={
            level.value: int(wait.total_seconds()) // 60 for level, wait in waits.items()
        },
    )
