"""Who decides the next action of a phase."""
