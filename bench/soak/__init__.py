"""Kills real missions at chosen places on disk, and compares their end with an undisturbed one."""
