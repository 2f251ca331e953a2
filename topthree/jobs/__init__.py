"""When services run: the schedule, the sender, and the runners that keep them going."""
