"""What PostgreSQL does in its own way: connections, transactions, schema, search, bulk inserts."""
