"""A store as a whole: all of its rows copied, compared, backed up, restored, moved elsewhere."""
