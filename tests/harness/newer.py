"""The next version of Sira: this tree with one more revision, which adds to tables in use."""

import shutil
from pathlib import Path

from app.db import migrate

ROOT = Path(__file__).parents[2]
_PARTS = ("app", "migrations", "tests/harness", "bench")
REVISION = "next"
_TEXT = '''"""Add to the tables that every report and every message goes through."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("added_one", sa.String(length=20), nullable=True))
    op.add_column("delivery", sa.Column("added_two", sa.Integer(), server_default="7"))
    op.add_column("alert", sa.Column("added", sa.String(length=20), nullable=True))
    op.add_column("report", sa.Column("added", sa.Boolean(), server_default=sa.true()))
    op.create_index("ix_report_added", "report", ["added"])
    op.create_table("added", sa.Column("id", sa.Integer(), primary_key=True))


def downgrade() -> None:
    raise RuntimeError("nobody goes back from here")
'''


def newer_tree(folder: Path) -> Path:
    """Write the tree of the next version under `folder`; return where it is."""
    for part in _PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "migrations" / "versions" / f"{REVISION}.py"
    file.write_text(_TEXT.format(revision=REVISION, head=migrate.head_revision()))
    return folder
