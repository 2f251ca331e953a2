"""One use case a module. Services take a session and never commit; long jobs take a factory."""
