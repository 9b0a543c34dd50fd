"""Initial schema. Databases in use stand on it: changes come as new revisions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.db.append_only import create_guard, drop_guard, protect, protect_unsettled

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "audit",
    "incident_version",
    "level_change",
    "rule_activation",
    "delivery_attempt",
    "receipt",
)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("bundle_id", sa.String(length=36), nullable=False),
        sa.Column("bundle_rank", sa.Integer(), nullable=False),
        sa.Column("chain_id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("route", sa.String(length=40), nullable=False),
        sa.Column("cargo", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("level_rank", sa.Integer(), nullable=False),
        sa.Column("before_level", sa.String(length=10), nullable=False),
        sa.Column("certainty", sa.String(length=12), nullable=False),
        sa.Column("audience", sa.String(length=24), nullable=False),
        sa.Column("stretch", sa.String(length=120), nullable=True),
        sa.Column("references", JSON, nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("rule_set", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fan_out_after", sa.String(length=36), nullable=True),
        sa.Column("fanned_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "audience IN ('subscribers_and_told', 'told_only')", name=op.f("ck_alert_audience")
        ),
        sa.CheckConstraint(
            "status IN ('active', 'held', 'superseded', 'ended')", name=op.f("ck_alert_status")
        ),
        sa.CheckConstraint(
            "type IN ('alert', 'update', 'all_clear', 'withdrawal')", name=op.f("ck_alert_type")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index(op.f("ix_alert_bundle_id"), "alert", ["bundle_id"], unique=False)
    op.create_index(op.f("ix_alert_chain_id"), "alert", ["chain_id"], unique=False)
    op.create_index(
        op.f("ix_alert_fanned_out_at_level_rank"),
        "alert",
        ["fanned_out_at", "level_rank"],
        unique=False,
    )
    op.create_index(
        op.f("ix_alert_route_cargo_id"), "alert", ["route", "cargo", "id"], unique=False
    )
    op.create_index(
        op.f("ix_alert_status_expires_at"), "alert", ["status", "expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_alert_status_route_cargo"), "alert", ["status", "route", "cargo"], unique=False
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject_type", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=True),
        sa.Column("detail", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(
        op.f("ix_audit_subject_type_subject_id"),
        "audit",
        ["subject_type", "subject_id"],
        unique=False,
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("family", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("cell", sa.Integer(), nullable=False),
        sa.Column("credibility", sa.Float(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("merged_into", sa.String(length=36), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('open', 'confirmed', 'refuted', 'resolved', 'merged')",
            name=op.f("ck_incident_status"),
        ),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["incident.id"], name=op.f("fk_incident_merged_into_incident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index(
        op.f("ix_incident_family_cell_occurred_at"),
        "incident",
        ["family", "cell", "occurred_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_incident_last_reported_at"), "incident", ["last_reported_at"], unique=False
    )
    op.create_index(op.f("ix_incident_status_id"), "incident", ["status", "id"], unique=False)
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "level_change",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.String(length=90), nullable=False),
        sa.Column("cargo", sa.String(length=20), nullable=False),
        sa.Column("before", sa.String(length=10), nullable=False),
        sa.Column("after", sa.String(length=10), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("rule_set", sa.Integer(), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_level_change")),
    )
    op.create_index(op.f("ix_level_change_at"), "level_change", ["at"], unique=False)
    op.create_index(
        op.f("ix_level_change_subject_cargo_at"),
        "level_change",
        ["subject", "cargo", "at"],
        unique=False,
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("about", "channel", name=op.f("uq_notice_about_channel")),
    )
    op.create_index(op.f("ix_notice_due_at"), "notice", ["due_at"], unique=False)
    op.create_table(
        "organisation",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )
    op.create_table(
        "place",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("alt_names", JSON, nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("region", sa.String(length=120), nullable=True),
        sa.Column("cercle", sa.String(length=120), nullable=True),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("feature", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
    )
    op.create_table(
        "provider_health",
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("route", sa.String(length=8), nullable=False),
        sa.Column("shift", sa.Integer(), nullable=False),
        sa.Column("shifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("errors_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rests_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("provider", "route", name=op.f("pk_provider_health")),
    )
    op.create_table(
        "receipt",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("delivery_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("applied", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
    )
    op.create_index(op.f("ix_receipt_delivery_id"), "receipt", ["delivery_id"], unique=False)
    op.create_table(
        "report",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("idempotency_key", sa.String(length=200), nullable=True),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("date_precision", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("claim", JSON, nullable=False),
        sa.Column("location", JSON, nullable=True),
        sa.Column("candidates", JSON, nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("source_type", sa.String(length=20), nullable=False),
        sa.Column("basis", sa.String(length=12), nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("answer", JSON, nullable=False),
        sa.CheckConstraint("outcome IN ('placed', 'asked')", name=op.f("ck_report_outcome")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint(
            "key_id", "idempotency_key", name=op.f("uq_report_key_id_idempotency_key")
        ),
    )
    op.create_index(
        op.f("ix_report_outcome_received_at"), "report", ["outcome", "received_at"], unique=False
    )
    op.create_index(op.f("ix_report_reported_at"), "report", ["reported_at"], unique=False)
    op.create_table(
        "route_state",
        sa.Column("route", sa.String(length=40), nullable=False),
        sa.Column("cargo", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("worst_section", sa.String(length=80), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("route", "cargo", name=op.f("pk_route_state")),
    )
    op.create_table(
        "rule_activation",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_activation")),
    )
    op.create_index(op.f("ix_rule_activation_at"), "rule_activation", ["at"], unique=False)
    op.create_table(
        "rule_set",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_rule_set")),
    )
    op.create_table(
        "section_state",
        sa.Column("section_id", sa.String(length=80), nullable=False),
        sa.Column("token", sa.String(length=36), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("restless", sa.Boolean(), nullable=False),
        sa.Column("cargoes", JSON, nullable=False),
        sa.PrimaryKeyConstraint("section_id", name=op.f("pk_section_state")),
    )
    op.create_index(
        op.f("ix_section_state_restless_rated_at"),
        "section_state",
        ["restless", "rated_at"],
        unique=False,
    )
    op.create_table(
        "alert_incident",
        sa.Column("alert_id", sa.String(length=36), nullable=False),
        sa.Column("incident_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.id"],
            name=op.f("fk_alert_incident_alert_id_alert"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_alert_incident_incident_id_incident")
        ),
        sa.PrimaryKeyConstraint("alert_id", "incident_id", name=op.f("pk_alert_incident")),
    )
    op.create_index(
        op.f("ix_alert_incident_incident_id"), "alert_incident", ["incident_id"], unique=False
    )
    op.create_table(
        "alert_target",
        sa.Column("alert_id", sa.String(length=36), nullable=False),
        sa.Column("target", sa.String(length=90), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.id"],
            name=op.f("fk_alert_target_alert_id_alert"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("alert_id", "target", name=op.f("pk_alert_target")),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "scope IN ('reporter', 'subscriber', 'moderator', 'admin')",
            name=op.f("ck_api_key_scope"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_api_key_organisation_id_organisation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_key_key_hash")),
    )
    op.create_index(
        op.f("ix_api_key_organisation_id"), "api_key", ["organisation_id"], unique=False
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_contact_organisation_id_organisation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index(
        op.f("ix_contact_organisation_id_id"), "contact", ["organisation_id", "id"], unique=False
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("alert_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider", sa.String(length=20), nullable=True),
        sa.Column("provider_id", sa.String(length=100), nullable=True),
        sa.Column("route", sa.String(length=8), nullable=True),
        sa.Column("silent_provider", sa.String(length=20), nullable=True),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.String(length=40), nullable=True),
        sa.Column("error_detail", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('queued', 'sending', 'in_doubt', 'sent', 'delivered', 'undelivered', 'failed', 'expired', 'suppressed')",
            name=op.f("ck_delivery_status"),
        ),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_delivery_alert_id_alert")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint(
            "alert_id",
            "contact_id",
            "channel",
            name=op.f("uq_delivery_alert_id_contact_id_channel"),
        ),
    )
    op.create_index(
        op.f("ix_delivery_contact_id_created_at"),
        "delivery",
        ["contact_id", "created_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_delivery_provider_provider_id"),
        "delivery",
        ["provider", "provider_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_delivery_status_channel_priority_due_at"),
        "delivery",
        ["status", "channel", "priority", "due_at"],
        unique=False,
    )
    op.create_table(
        "exposure",
        sa.Column("incident_id", sa.String(length=36), nullable=False),
        sa.Column("section_id", sa.String(length=80), nullable=False),
        sa.Column("distance_km", sa.Float(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_exposure_incident_id_incident")
        ),
        sa.PrimaryKeyConstraint("incident_id", "section_id", name=op.f("pk_exposure")),
    )
    op.create_index(
        op.f("ix_exposure_section_id_incident_id"),
        "exposure",
        ["section_id", "incident_id"],
        unique=False,
    )
    op.create_table(
        "incident_version",
        sa.Column("incident_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.String(length=64), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_version_incident_id_incident")
        ),
        sa.PrimaryKeyConstraint("incident_id", "version", name=op.f("pk_incident_version")),
    )
    op.create_index(
        op.f("ix_incident_version_known_at"), "incident_version", ["known_at"], unique=False
    )
    op.create_table(
        "message",
        sa.Column("alert_id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_message_alert_id_alert"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("alert_id", "channel", "language", name=op.f("pk_message")),
    )
    op.create_table(
        "report_link",
        sa.Column("report_id", sa.String(length=36), nullable=False),
        sa.Column("incident_id", sa.String(length=36), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_report_link_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_report_link_report_id_report")
        ),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_report_link")),
    )
    op.create_index(
        op.f("ix_report_link_incident_id"), "report_link", ["incident_id"], unique=False
    )
    op.create_table(
        "contact_channel",
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("blind_index", sa.String(length=64), nullable=False),
        sa.Column("masked", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("channel IN ('sms', 'email')", name=op.f("ck_contact_channel_channel")),
        sa.CheckConstraint(
            "status IN ('active', 'opted_out', 'dead')", name=op.f("ck_contact_channel_status")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_contact_channel_contact_id_contact"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contact_id", "channel", name=op.f("pk_contact_channel")),
        sa.UniqueConstraint(
            "organisation_id",
            "blind_index",
            name=op.f("uq_contact_channel_organisation_id_blind_index"),
        ),
    )
    op.create_index(
        op.f("ix_contact_channel_blind_index"), "contact_channel", ["blind_index"], unique=False
    )
    op.create_table(
        "delivery_attempt",
        sa.Column("delivery_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["delivery.id"],
            name=op.f("fk_delivery_attempt_delivery_id_delivery"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("delivery_id", "number", name=op.f("pk_delivery_attempt")),
    )
    op.create_table(
        "subscription",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("min_level", sa.String(length=10), nullable=False),
        sa.Column("min_rank", sa.Integer(), nullable=False),
        sa.Column("wanted", JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_subscription_contact_id_contact"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_subscription_organisation_id_organisation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
    )
    op.create_index(
        op.f("ix_subscription_contact_id"), "subscription", ["contact_id"], unique=False
    )
    op.create_index(
        op.f("ix_subscription_organisation_id_id"),
        "subscription",
        ["organisation_id", "id"],
        unique=False,
    )
    op.create_table(
        "subscription_cargo",
        sa.Column("subscription_id", sa.String(length=36), nullable=False),
        sa.Column("cargo", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscription.id"],
            name=op.f("fk_subscription_cargo_subscription_id_subscription"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscription_id", "cargo", name=op.f("pk_subscription_cargo")),
    )
    op.create_table(
        "subscription_channel",
        sa.Column("subscription_id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscription.id"],
            name=op.f("fk_subscription_channel_subscription_id_subscription"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscription_id", "channel", name=op.f("pk_subscription_channel")),
    )
    op.create_table(
        "subscription_target",
        sa.Column("target", sa.String(length=90), nullable=False),
        sa.Column("subscription_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscription.id"],
            name=op.f("fk_subscription_target_subscription_id_subscription"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("target", "subscription_id", name=op.f("pk_subscription_target")),
    )
    op.create_index(
        op.f("ix_subscription_target_subscription_id"),
        "subscription_target",
        ["subscription_id"],
        unique=False,
    )

    create_guard(op)
    for table in APPEND_ONLY:
        protect(op, table)
    protect_unsettled(op)


def downgrade() -> None:
    op.drop_table("subscription_target")
    op.drop_table("subscription_channel")
    op.drop_table("subscription_cargo")
    op.drop_table("subscription")
    op.drop_table("delivery_attempt")
    op.drop_table("contact_channel")
    op.drop_table("report_link")
    op.drop_table("message")
    op.drop_table("incident_version")
    op.drop_table("exposure")
    op.drop_table("delivery")
    op.drop_table("contact")
    op.drop_table("api_key")
    op.drop_table("alert_target")
    op.drop_table("alert_incident")
    op.drop_table("section_state")
    op.drop_table("rule_set")
    op.drop_table("rule_activation")
    op.drop_table("route_state")
    op.drop_table("report")
    op.drop_table("receipt")
    op.drop_table("provider_health")
    op.drop_table("place")
    op.drop_table("organisation")
    op.drop_table("notice")
    op.drop_table("level_change")
    op.drop_table("lease")
    op.drop_table("incident")
    op.drop_table("audit")
    op.drop_table("alert")

    drop_guard(op)
