"""A Slack workspace that a bot can be driven against, over Slack's own HTTP."""
