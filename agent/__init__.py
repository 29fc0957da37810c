"""The orchestrator: turns a roadmap entry into a mission and a mission into proven findings."""
