"""Moving everything to another database: from one machine to several, or back."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import TERMINAL, Entry, Thing, ThingKind
from topthree.domain.refusal import Conflict, Refusal
from topthree.services.audit.log import record
from topthree.services.installation.premises import Premises
from topthree.services.installation.sending_lock import nobody_sends
from topthree.store.copying import (
    CopiedTable,
    copy_everything,
    count_rows,
    has_living_claims,
    prepare_target,
)
from topthree.store.engine import begin_writing, make_engine
from topthree.store.migration import is_current

_KINDS = ("sqlite:///", "postgresql+psycopg://")


def rows_to_copy(premises: Premises) -> int:
    """Return how many rows there are to copy.

    :raises Refusal: if the database is of another version.
    """
    if not is_current(premises.engine):
        raise Refusal("The database is not up to date. Run “topthree db upgrade” first.")
    return count_rows(premises.engine)


def copy_database(
    premises: Premises, url: str, progress: Callable[[int], None]
) -> tuple[CopiedTable, ...]:
    """Copy everything into the empty database at the URL, and compare both row for row.

    Nobody can write to the present database meanwhile; it stays as it is.

    :param progress: is told of each number of rows copied.
    :raises Refusal: if something sends, the other database is not empty or not to be reached, or
        the copy is not the same; nothing is kept of it then.
    """
    target = _engine(url)
    try:
        with nobody_sends(premises.instance):
            _refuse_while_others_send(premises)
            prepare_target(target)
            _record(premises, target)
            return copy_everything(premises.engine, target, progress)
    except SQLAlchemyError as error:
        reason = str(error).partition("\n")[0]
        raise Refusal(f"The copy could not be made, and nothing is kept of it: {reason}") from error
    finally:
        target.dispose()


def _engine(url: str) -> Engine:
    for short in ("postgres://", "postgresql://"):
        if url.startswith(short):
            url = "postgresql+psycopg://" + url.removeprefix(short)
    try:
        if url.startswith(_KINDS):
            return make_engine(url)
    except (ArgumentError, ValueError, ImportError):
        # What is wrong may be the password, so it is not shown.
        pass
    message = (
        "That is no address of a database. It looks like"
        " postgresql+psycopg://name:password@host:5432/database or sqlite:////folder/file."
        " For PostgreSQL, topthree is installed with its extra “postgres”."
    )
    raise Refusal(message)


def _record(premises: Premises, target: Engine) -> None:
    """Write down, on both sides, that everybody's address goes to another database."""
    about = Thing(kind=ThingKind.DATABASE, label=target.dialect.name)
    with Session(premises.engine) as session:
        begin_writing(session)
        entry = Entry(who=TERMINAL, act=Act.DATABASE_COPIED, about=about)
        record(session, entry, premises.clock())
        session.commit()


def _refuse_while_others_send(premises: Premises) -> None:
    """Look for workers on other machines, which hold no lock on this one."""
    if premises.engine.dialect.name == "sqlite":
        return
    with Session(premises.engine) as session:
        if has_living_claims(session, premises.clock()):
            message = "A worker on some machine is sending. Stop every worker first."
            raise Conflict(message)
