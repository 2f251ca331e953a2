"""Looking at addresses of the web that people typed, without being led into our own network."""
