"""Remembers: the words of the house (frozen values) and how they are kept."""
