"""Files that people bring in: bytes to rows, rows to failures and people. No I/O but reading."""
