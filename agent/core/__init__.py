"""What everything else is built on; imports nothing of ours above it."""
