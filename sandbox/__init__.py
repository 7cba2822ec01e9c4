"""Stand-ins that speak the vendors' real HTTP, a page to play in, a clock to turn.

Imports nothing of the product and is imported by nothing but tests: the two
sides of a protocol never share a mistake.
"""
