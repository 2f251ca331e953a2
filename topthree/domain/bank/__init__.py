"""Items that stand in no issue yet."""
