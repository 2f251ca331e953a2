"""Planning: slots, the calendar, and issues that slots still lack."""
