"""Hostile texts through every door of the agent: what each effected."""
