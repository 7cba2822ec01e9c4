"""Connects: processes, wires and the vendors' protocols."""
