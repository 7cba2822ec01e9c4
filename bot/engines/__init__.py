"""What wakes the due units: one process now."""
