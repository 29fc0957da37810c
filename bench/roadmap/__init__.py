"""Generates and executes the pipelines of roadmap entries, all of them or one of each kit."""
