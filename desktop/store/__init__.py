"""The only floor that knows SQL: one SQLite file per line, appended to and never rewritten."""
