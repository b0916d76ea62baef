"""The audit log: read, sealed, and proved to be as it was written. The database itself writes it."""
