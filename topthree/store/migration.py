"""Bringing a database to the newest shape of its tables."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from topthree.store.tables import metadata

_SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> None:
    """Run the steps that the database lacks, each in its own transaction; none is a no-op."""
    command.upgrade(_config(engine), "head")


def downgrade(engine: Engine) -> None:
    """Take every step back, and with them everything that is stored; for tests of the steps."""
    command.downgrade(_config(engine), "base")


def is_current(engine: Engine) -> bool:
    """Tell whether the database has every step."""
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_heads()
    return set(current) == set(ScriptDirectory(str(_SCRIPTS)).get_heads())


def write_step(engine: Engine, *, number: str, message: str) -> None:
    """Write a new step from the difference between tables and database; for developers."""
    command.revision(_config(engine), message=message, rev_id=number, autogenerate=True)


def differences(engine: Engine) -> list[object]:
    """Return what the tables in code have that the database has not, or the other way round."""
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))


def _config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("file_template", "step_%%(rev)s_%%(slug)s")
    config.attributes["engine"] = engine
    return config
