"""Alembic's scripts, one a step; run them with :mod:`topthree.store.migration`."""
