"""The store on SQLite: one file, one writer at a time, readers beside it."""
