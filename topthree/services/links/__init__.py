"""Links in issues: looking at them, and what is known of them."""
