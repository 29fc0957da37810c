"""Tools: one per file, each defines `TOOL`."""
