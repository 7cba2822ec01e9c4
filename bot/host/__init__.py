"""The customer's own system: what it tells us."""
