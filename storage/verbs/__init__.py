"""The store's verbs as both engines carry them out: the same queries, the same answers.

What an engine does in its own way (connections, transactions, schema, search) is
in `storage.sqlite` and `storage.postgres`.
"""
