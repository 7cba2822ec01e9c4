"""Kills a serving bot in the middle of its work, again and again, and counts what is left.

    python -m crash --rounds 1000     rounds, losses, doubles; fails on any
    python -m crash --storage postgres

`nursery` starts real `serve` processes quickly, on what `stores` gives them,
`vendors` answers them, `burst` sends what SendGrid, a host and its relayed calls
send, `judge` knows what was sent and what was answered, and asks the store.
"""
