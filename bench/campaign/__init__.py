"""The whole roadmap in one batch: time, memory, disk, kills, and what a second worker is worth."""
