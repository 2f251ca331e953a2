"""One use case a module, a room for each concern. Services take a session and never commit."""
