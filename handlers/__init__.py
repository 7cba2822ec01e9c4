"""Decides: plain functions over plain values. No vendor, no web framework, no database driver."""
