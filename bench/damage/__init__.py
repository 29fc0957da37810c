"""Damages copies of a stopped and of a finished run in every way we could think of, and judges what becomes of them."""
