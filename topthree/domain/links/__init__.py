"""What is known of the addresses that a letter links to."""
