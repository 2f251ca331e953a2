"""What is tried for as long as asked: `make soak SECONDS=3600`, and `make fuzz`."""
