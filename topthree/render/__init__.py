"""Pure rendering: values in, pages and messages out; no clock, no database, no network."""
