"""The web's session, and the two ways to use it; nothing else in the web touches it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Session

from topthree.store.engine import begin_writing, prepare_engine
from topthree.store.tables import metadata

__all__ = ["Session", "db", "prepare", "read_only", "transaction"]

db = SQLAlchemy(metadata=metadata)


def prepare(app: Flask) -> None:
    """Attach the database to the app: one engine, whose pool the jobs of this process share."""
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)


@contextmanager
def transaction() -> Iterator[Session]:
    """Give a session whose changes are committed at the end, or rolled back on any error.

    What the request has read before is let go first, so that the transaction begins as a writing
    one and sees the newest state.
    """
    session = db.session()
    session.rollback()
    begin_writing(session)
    try:
        yield session
        session.commit()
    finally:
        session.rollback()


@contextmanager
def read_only() -> Iterator[Session]:
    """Give a session for reading; whatever is changed in it is thrown away."""
    session = db.session()
    try:
        yield session
    finally:
        session.rollback()
