"""Tables whose rows are never changed: triggers refuse UPDATE and DELETE on both databases.

What was tried for a delivery, and what came back, goes with the delivery when retention deletes it
(`delivery.outbox.forgetting`) and not before; a delivery goes only once it is settled.

Called by migrations. A migration that rebuilds such a table on SQLite (batch mode) loses its
triggers and must call `protect` again; a test looks for them on the migrated head.
"""

from alembic.operations import Operations

#: The tables that hold what happened; `tests/migrations` checks that each is protected.
APPEND_ONLY = (
    "audit",
    "incident_version",
    "level_change",
    "rule_activation",
    "delivery_attempt",
    "receipt",
)

#: Of `APPEND_ONLY`, those whose rows may go once their delivery is gone.
PARTS_OF_A_DELIVERY = ("delivery_attempt", "receipt")
#: Statuses of a delivery that is still to be sent, or that nobody knows the end of.
UNSETTLED = ("queued", "sending", "in_doubt")

_DELIVERY_IS_THERE = "EXISTS (SELECT 1 FROM delivery WHERE delivery.id = OLD.delivery_id)"
_IS_UNSETTLED = f"OLD.status IN {UNSETTLED}"

_POSTGRES_REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
_POSTGRES_REFUSE_PARTS = f"""
CREATE FUNCTION refuse_change_of_parts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND NOT {_DELIVERY_IS_THERE} THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
_POSTGRES_REFUSE_UNSETTLED = """
CREATE FUNCTION refuse_unsettled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'delivery is not settled'
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def create_guard(op: Operations) -> None:
    """Create what the triggers call (PostgreSQL); once, before the first `protect`."""
    if op.get_bind().dialect.name == "postgresql":
        for function in (_POSTGRES_REFUSE, _POSTGRES_REFUSE_PARTS, _POSTGRES_REFUSE_UNSETTLED):
            op.execute(function)


def drop_guard(op: Operations) -> None:
    """Undo `create_guard`."""
    if op.get_bind().dialect.name == "postgresql":
        for function in ("refuse_change", "refuse_change_of_parts", "refuse_unsettled"):
            op.execute(f"DROP FUNCTION {function}()")


def protect(op: Operations, table: str) -> None:
    """Refuse UPDATE and DELETE on `table` from now on."""
    is_part = table in PARTS_OF_A_DELIVERY
    if op.get_bind().dialect.name == "postgresql":
        refuse = "refuse_change_of_parts" if is_part else "refuse_change"
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {refuse}()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_keep_all BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        when = f" WHEN {_DELIVERY_IS_THERE}" if is_part and verb == "DELETE" else ""
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}{when}"
            f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def protect_unsettled(op: Operations) -> None:
    """Refuse DELETE of a delivery that is not settled from now on."""
    is_postgres = op.get_bind().dialect.name == "postgresql"
    action = (
        "EXECUTE FUNCTION refuse_unsettled()"
        if is_postgres
        else "BEGIN SELECT RAISE(ABORT, 'delivery is not settled'); END"
    )
    condition = f"({_IS_UNSETTLED})" if is_postgres else _IS_UNSETTLED
    op.execute(
        "CREATE TRIGGER delivery_keep_unsettled BEFORE DELETE ON delivery"
        f" FOR EACH ROW WHEN {condition} {action}"
    )
