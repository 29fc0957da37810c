"""`python -m agent mcp` through the official client, as an assistant starts it: a child process, standard input and output."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError, StdioServerParameters

from tests.conftest import ROOT
from tests.e2e.test_verify import proof

Talk = Callable[[Client], Awaitable[Any]]


def talk(runs: Path, words: Talk) -> Any:
    """Start the server and talk to it."""
    environ = {**os.environ, "STAGEFLOW_AGENT_SEARCH": "offline"}
    here = StdioServerParameters(command=sys.executable, args=["-m", "agent", "mcp", "--runs", str(runs)], cwd=ROOT, env=environ)

    async def play() -> Any:
        async with Client(here, read_timeout_seconds=200) as client:
            return await words(client)

    return asyncio.run(play())


def told(result: Any) -> dict[str, Any]:
    assert not result.is_error, result.content
    return dict(result.structured_content)


def test_the_four_tools_say_what_they_take(tmp_path: Path) -> None:
    async def words(client: Client) -> Any:
        return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in talk(tmp_path, words)}
    assert sorted(tools) == ["check", "list_findings", "run_mission", "verify_finding"]
    assert all(tool.description for tool in tools.values())
    assert set(tools["run_mission"].input_schema["properties"]) == {"entry", "minutes", "target", "new"}


@pytest.mark.parametrize(
    ("tool", "given", "why"),
    [
        ("run_mission", {"entry": "--batch"}, "pattern"),
        ("run_mission", {"entry": "FIN-001", "target": "--runs=/"}, "pattern"),
        ("check", {"area": "x y"}, "pattern"),
        ("verify_finding", {"finding": "--help"}, "pattern"),
        ("verify_finding", {"finding": "BUG-001"}, "BUG-001"),
    ],
)
def test_what_cannot_be_used_is_told(tool: str, given: dict[str, Any], why: str, tmp_path: Path) -> None:
    result = talk(tmp_path, lambda client: client.call_tool(tool, given))
    assert result.is_error and why in result.content[0].text


def test_an_unknown_entry_says_so(tmp_path: Path) -> None:
    result = told(talk(tmp_path, lambda client: client.call_tool("run_mission", {"entry": "NONE-999"})))
    assert (result["exit_code"], result["meaning"], result["run"]) == (2, "wrong usage or input", None)
    assert any("NONE-999" in line for line in result["said"])


def test_a_mission_that_its_time_stops_can_go_on(tmp_path: Path) -> None:
    seen: list[str] = []

    async def progressed(progress: float, total: float | None, message: str | None) -> None:
        seen.append(message or "")

    async def words(client: Client) -> Any:
        ran = await client.call_tool("run_mission", {"entry": "CORE-001", "minutes": 0.05}, progress_callback=progressed)
        return told(ran), told(await client.call_tool("list_findings", {"entry": "CORE-001", "limit": 5}))

    ran, found = talk(tmp_path, words)
    assert (ran["exit_code"], ran["meaning"]) == (3, "stopped by a limit, resumable")
    assert ran["run"].startswith("CORE-001/run-") and Path(ran["report"]).is_file()
    assert any("1/7 research" in line for line in seen)
    assert len(found["findings"]) <= 5 and found["left_out"] >= 0


def test_a_call_that_is_given_up_ends_its_process(tmp_path: Path) -> None:
    async def words(client: Client) -> Any:
        task = asyncio.create_task(client.call_tool("run_mission", {"entry": "CORE-001"}))
        await until(lambda: bool(missions(tmp_path)))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await until(lambda: not missions(tmp_path))
        return told(await client.call_tool("list_findings", {}))

    assert talk(tmp_path, words) == {"findings": [], "left_out": 0}


def test_when_the_assistant_goes_its_missions_end(tmp_path: Path) -> None:
    left: list[asyncio.Task[None]] = []

    async def words(client: Client) -> Any:
        async def never_answered() -> None:
            with pytest.raises(MCPError):
                await client.call_tool("run_mission", {"entry": "CORE-001"})

        left.append(asyncio.create_task(never_answered()))
        await until(lambda: bool(missions(tmp_path)))

    talk(tmp_path, words)
    began = time.monotonic()
    while missions(tmp_path):
        assert time.monotonic() - began < 40
        time.sleep(0.1)


def missions(runs: Path) -> list[int]:
    """Processes that carry out a mission in this folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = place.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"agent.batch_child" in words and f"--runs={runs}".encode() in words:
            found.append(int(place.parent.name))
    return found


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(400):
        if holds():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("40 s have passed")


def test_a_check_and_a_proof_that_is_played_again(tmp_path: Path) -> None:
    shown = proof(tmp_path / "mine.py", 'print("PRESENT: expected a\\n         observed b")\nraise SystemExit(1)\n')

    async def words(client: Client) -> Any:
        checked = told(await client.call_tool("check", {"area": "uuid_utils", "minutes": 0.2}))
        return checked, told(await client.call_tool("verify_finding", {"finding": str(shown)}))

    checked, verified = talk(tmp_path, words)
    assert checked["exit_code"] in (0, 1) and checked["result"]["target"]["version"] == "1.2.0"
    assert "coverage" not in checked["result"] and json.dumps(checked["result"])
    assert verified["exit_code"] == 0 and "confirmed" in json.dumps(verified)
