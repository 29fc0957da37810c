"""Measures what the lab finds, on copies of stageflow with known faults and repairs."""
