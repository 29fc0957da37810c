"""`python -m agent`."""

import os
import sys

os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # to look for them takes every command a fiftieth of a second

from agent.cli import main

sys.exit(main())
