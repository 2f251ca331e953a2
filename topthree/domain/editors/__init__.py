"""Who may do what at the desk, and for how long they stay signed in."""
