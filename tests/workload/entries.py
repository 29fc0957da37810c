"""The roadmap, read once for all tests of a process."""

from agent.core.roadmap import load_roadmap
from agent.core.settings import project_root

ENTRIES = load_roadmap(project_root() / "docs" / "roadmap")
