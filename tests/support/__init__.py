"""What the tests lean on: databases, a relay, a browser, a server, the checks of every page."""
