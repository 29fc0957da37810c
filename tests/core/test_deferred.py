"""LangGraph's import without what a mission never uses of it; whoever asks for that gets it."""

import subprocess
import sys

import pytest

UNUSED = ("langgraph_sdk.client", "langsmith.types.run", "websockets")
LATER = """
import langgraph_sdk, langsmith.types, langgraph_sdk.auth.types
assert langgraph_sdk.get_client is langgraph_sdk.client.get_client and langsmith.types.Run is langsmith.types.run.Run
assert langgraph_sdk.auth.types.BaseUser is langgraph_sdk.Auth.types.BaseUser and "__getattr__" not in vars(langgraph_sdk)
"""


def python(code: str) -> subprocess.CompletedProcess[str]:
    """A program in a fresh interpreter."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_a_mission_loads_neither_the_client_of_a_server_nor_the_records_of_a_service() -> None:
    done = python(f"import sys, agent.commands.walking; print([name for name in {UNUSED} if name in sys.modules])")
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


@pytest.mark.parametrize("before", ["", "import langgraph.graph, langgraph_sdk", "import agent.graph"])
def test_who_asks_for_them_gets_them_whole(before: str) -> None:
    done = python(f"{before}\nimport agent.core.deferred\n{LATER}")
    assert done.returncode == 0, done.stderr


def test_a_name_that_is_not_there_is_an_error_as_ever() -> None:
    done = python("import agent.core.deferred, langgraph_sdk\nlanggraph_sdk.no_such_name")
    assert "AttributeError" in done.stderr and "no_such_name" in done.stderr
