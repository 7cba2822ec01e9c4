"""Slack: how a message looks there, how we call its Web API, what it tells us."""
