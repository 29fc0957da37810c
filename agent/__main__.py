"""`python -m agent`."""

import os

os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # to look for them takes every command a fiftieth of a second

from agent.cli import main
from agent.commands.endings import leave

leave(main())
