"""The state of all entries together: read from their run folders, aggregated, compared, told."""
