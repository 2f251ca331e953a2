"""Tables and queries, one aggregate a module; SQLAlchemy, and no Flask."""
