"""The queue of batches that workers on several hosts share: Procrastinate, kept in one place."""
