"""Listeners on the event stream, and pages that are pure functions of a run folder."""
