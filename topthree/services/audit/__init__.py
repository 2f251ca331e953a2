"""The audit log: writing to it, taking it along, proving that it is whole."""
