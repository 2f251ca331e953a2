"""When letters come: the cadence, and the days without school."""
