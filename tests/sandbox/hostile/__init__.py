"""Hostile programs, by what they are after; importing the package fills the table."""

from . import bombs, kernel, left, network, privileges, processes, reads, start_up, writes
from .attack import TABLE, Attack

__all__ = ["TABLE", "Attack", "bombs", "kernel", "left", "network", "privileges", "processes", "reads", "start_up", "writes"]
