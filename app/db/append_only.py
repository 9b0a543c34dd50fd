"""Tables whose rows are never changed: triggers refuse UPDATE and DELETE on both databases.

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

_POSTGRES_REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def create_guard(op: Operations) -> None:
    """Create what the triggers call (PostgreSQL); once, before the first `protect`."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_POSTGRES_REFUSE)


def drop_guard(op: Operations) -> None:
    """Undo `create_guard`."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")


def protect(op: Operations, table: str) -> None:
    """Refuse UPDATE and DELETE on `table` from now on."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_keep_all BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
