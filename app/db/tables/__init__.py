"""Every table, so that `Base.metadata` is whole once this package is imported."""

from app.db.tables.accounts import (
    ApiKeyRow,
    AuditRow,
    LeaseRow,
    SessionRow,
    SignInCodeRow,
    SignInRow,
)
from app.db.tables.alerts import (
    AcknowledgementRow,
    AlertIncidentRow,
    AlertRow,
    AlertTargetRow,
    MessageRow,
)
from app.db.tables.answers import AnswerRow
from app.db.tables.delivery import (
    DeliveryAttemptRow,
    DeliveryRow,
    DigestRow,
    NoticeRow,
    ProviderHealthRow,
    ReceiptRow,
)
from app.db.tables.escalation import EscalationRow
from app.db.tables.inbound import DuressWordRow, ForcedSenderRow, InboundRow, ReporterRow
from app.db.tables.incidents import (
    DeskHoldRow,
    ExposureRow,
    IncidentRow,
    IncidentVersionRow,
    ReportLinkRow,
    ReportRow,
    SourceVerdictRow,
)
from app.db.tables.money import BudgetRow, SpendingRow
from app.db.tables.optin import InvitationRow, InvitedAddressRow
from app.db.tables.risk import (
    LevelChangeRow,
    RouteStateRow,
    RuleActivationRow,
    RuleSetRow,
    SectionPastRow,
    SectionStateRow,
)
from app.db.tables.roads import PlaceRow
from app.db.tables.subscribers import (
    ContactChannelRow,
    ContactRow,
    EscalationContactRow,
    HoursRow,
    MuteRow,
    OrganisationRow,
    SubscriptionCargoRow,
    SubscriptionChannelRow,
    SubscriptionRow,
    SubscriptionTargetRow,
)

__all__ = [
    "AcknowledgementRow",
    "AlertIncidentRow",
    "AlertRow",
    "AlertTargetRow",
    "AnswerRow",
    "ApiKeyRow",
    "AuditRow",
    "BudgetRow",
    "ContactChannelRow",
    "ContactRow",
    "DeliveryAttemptRow",
    "DeliveryRow",
    "DeskHoldRow",
    "DigestRow",
    "DuressWordRow",
    "EscalationContactRow",
    "EscalationRow",
    "ExposureRow",
    "ForcedSenderRow",
    "HoursRow",
    "InboundRow",
    "IncidentRow",
    "IncidentVersionRow",
    "InvitationRow",
    "InvitedAddressRow",
    "LeaseRow",
    "LevelChangeRow",
    "MessageRow",
    "MuteRow",
    "NoticeRow",
    "OrganisationRow",
    "PlaceRow",
    "ProviderHealthRow",
    "ReceiptRow",
    "ReportLinkRow",
    "ReportRow",
    "ReporterRow",
    "RouteStateRow",
    "RuleActivationRow",
    "RuleSetRow",
    "SectionPastRow",
    "SectionStateRow",
    "SessionRow",
    "SignInCodeRow",
    "SignInRow",
    "SourceVerdictRow",
    "SpendingRow",
    "SubscriptionCargoRow",
    "SubscriptionChannelRow",
    "SubscriptionRow",
    "SubscriptionTargetRow",
]
