"""Write versions/0001_initial.py anew from app/db/tables (`make migration`).

For as long as nothing has been released, there is one revision. After the first release this
script goes, and changes come as `alembic revision --autogenerate`.
"""

import ast
import tempfile
import textwrap
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations.ops import DowngradeOps, UpgradeOps
from sqlalchemy import JSON

import app.db.tables  # noqa: F401 - fills Base.metadata
from app.db.append_only import APPEND_ONLY
from app.db.base import Base
from app.db.migrate import migration_engine
from app.db.types import UtcDateTime

TARGET = Path(__file__).parent / "versions" / "0001_initial.py"

TEMPLATE = '''"""Initial schema.

Written by migrations/regenerate.py from app/db/tables; change the tables, not this file.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.db.append_only import create_guard, drop_guard, protect, protect_unsettled

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ({tables},)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    {upgrade}

    create_guard(op)
    for table in APPEND_ONLY:
        protect(op, table)
    protect_unsettled(op)


def downgrade() -> None:
    {downgrade}

    drop_guard(op)
'''


def render_item(kind: str, value: object, _autogen: object) -> "str | bool":
    if kind == "type" and isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return "JSON" if kind == "type" and isinstance(value, JSON) else False


def body(ops: UpgradeOps | DowngradeOps) -> str:
    code = render_python_code(ops, render_as_batch=False, render_item=render_item)
    # an index goes with its table; dropping it first would only be said twice
    tree = ast.parse("def f():\n" + textwrap.indent(textwrap.dedent(code), "    "))
    function = tree.body[0]
    kept = [ast.unparse(step) for step in function.body if "op.drop_index" not in ast.unparse(step)]
    return "\n    ".join(kept)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = migration_engine(f"sqlite:///{folder}/empty.db")
        with engine.connect() as conn:
            script = produce_migrations(MigrationContext.configure(conn), Base.metadata)
        engine.dispose()
    if script.upgrade_ops is None or script.downgrade_ops is None:
        raise RuntimeError("autogenerate found nothing")
    TARGET.write_text(
        TEMPLATE.format(
            tables=", ".join(f'"{table}"' for table in APPEND_ONLY),
            upgrade=body(script.upgrade_ops),
            downgrade=body(script.downgrade_ops),
        )
    )


if __name__ == "__main__":
    main()
