"""`python -m agent mcp`: missions, checks and proofs as tools of coding assistants, over the Model Context Protocol.

Each call is a process of this program: it ends, resumably, when the assistant calls it off or goes away, and one that crashes harms
neither the server nor another call. Nothing that an assistant gives becomes an option: values are bound to theirs with `=`.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from agent.core.errors import EnvironmentUnfit
from agent.core.settings import Settings, project_root

try:
    from mcp.server.mcpserver import Context, MCPServer
    from mcp.server.mcpserver.exceptions import ToolError
except ImportError as missing:  # the extra [mcp] is not installed
    raise EnvironmentUnfit(f"the server for assistants needs the extra [mcp]: {missing}", hint="Install it with `make mcp`.") from None

GRACE = 30.0
"""Seconds that a process has for its resumable end."""
KEPT = 20
"""Last lines of what a process said that an answer holds."""
MEANING = {
    0: "done",
    1: "done; not everything is well: see the result",
    2: "wrong usage or input",
    3: "stopped by a limit, resumable",
    4: "this machine cannot do it",
    5: "waits for the approval of a person, resumable",
    130: "interrupted, resumable",
}
INSTRUCTIONS = """Finds and proves defects of the Stageflow framework. A confirmed finding has a script that anybody can run;
everything else is marked as suspected or unknown. A mission takes minutes; called again, it goes on where it was."""
Entry = Annotated[str, Field(pattern=r"^[A-Z0-9]+-[0-9]+$", description="id of a roadmap entry, such as FIN-001")]
Target = Annotated[str, Field(pattern=r"^[^-\s]", description="a release of stageflow-core, or a folder that holds stageflow/")]
Minutes = Annotated[float, Field(gt=0, le=240, description="time budget")]
Severity = Literal["critical", "high", "medium", "low"]
FindingId = Annotated[str, Field(pattern=r"^[A-Za-z0-9/][\w./-]*$", description="BUG-007, or the path of a finding, run or script")]
Line = Callable[[str], Awaitable[None]]


@dataclass(frozen=True)
class Done:
    """A process that has ended: its exit code, and what it said on each stream."""

    code: int
    out: str
    err: str

    def told(self) -> dict[str, Any]:
        """For the assistant."""
        lines = [line for line in (*self.out.splitlines(), *self.err.splitlines()) if line.strip()]
        return {"exit_code": self.code, "meaning": MEANING.get(self.code, "a defect of this program"), "said": lines[-KEPT:]}

    def data(self) -> Any:
        """Its JSON.

        Raises:
            ToolError: it printed none; says why.
        """
        try:
            return json.loads(self.out)
        except ValueError:
            raise ToolError(self.err.strip()[-2000:] or f"exit code {self.code}: {MEANING.get(self.code, 'no result')}") from None


async def nobody(line: str) -> None:
    """Whoever does not want to know."""


@dataclass(frozen=True)
class Program:
    """This program as a child process.

    Attributes:
        runs: folder of runs.
    """

    runs: Path

    async def call(self, *words: str, say: Line = nobody) -> Done:
        """Run a command to its end; what it prints goes to `say` line by line. Ends it when the call is cancelled."""
        command = [sys.executable, "-m", "agent.batch_child", str(os.getpid()), *words, f"--runs={self.runs}"]
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=project_root(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            limit=1 << 26,
        )
        assert process.stdout is not None and process.stderr is not None
        try:
            out, err = await asyncio.gather(listened(process.stdout, say), listened(process.stderr, say))
            return Done(await process.wait(), out, err)
        finally:
            if process.returncode is None:
                await asyncio.shield(ended(process))


async def listened(stream: asyncio.StreamReader, say: Line) -> str:
    """Everything that a stream says, each line also to `say`."""
    lines = []
    async for raw in stream:
        lines.append(raw.decode("utf-8", "replace"))
        await say(lines[-1].strip())
    return "".join(lines)


async def ended(process: "asyncio.subprocess.Process") -> None:
    """Tell a process to stop, resumably, and make sure that it does."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), GRACE)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def server(program: Program) -> MCPServer:
    """The tools."""
    tools = MCPServer("stageflow-reliability-agent", instructions=INSTRUCTIONS, log_level="ERROR")

    @tools.tool()
    async def run_mission(
        entry: Entry, ctx: Context, minutes: Minutes | None = None, target: Target = "installed", new: bool = False
    ) -> dict[str, Any]:
        """Run the mission of a roadmap entry, or go on with it: research, build, execute, report. Takes minutes; `minutes` bounds it."""
        words = [f"--entry={entry}", f"--target={target}", *([f"--minutes={minutes}"] if minutes else []), *(["--new"] if new else [])]
        done = await program.call(*words, say=progress(ctx))
        return {**done.told(), **await newest(program, entry)}

    @tools.tool()
    async def check(
        ctx: Context,
        target: Target = "installed",
        compare: Target | None = None,
        area: Annotated[str, Field(pattern=r"^[a-z_]+$")] | None = None,
        minutes: Minutes = 3.0,
    ) -> dict[str, Any]:
        """Run the probe library on a release or checkout and prove what it finds; with `compare`, what regressed and was fixed."""
        given = {"target": target, "compare": compare, "area": area, "minutes": minutes}
        words = [f"--{name}={value}" for name, value in given.items() if value is not None]
        with tempfile.TemporaryDirectory(prefix="check-", ignore_cleanup_errors=True) as folder:
            file = Path(folder) / "result.json"
            done = await program.call("check", *words, f"--json={file}", say=progress(ctx))
            result = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        return {**done.told(), "result": brief(result)}

    @tools.tool()
    async def list_findings(
        severity: Sequence[Severity] = (), entry: Entry | None = None, limit: Annotated[int, Field(ge=1, le=500)] = 50
    ) -> dict[str, Any]:
        """Findings of all runs, each once, worst first, with the entries that have them."""
        words = [*([f"--severity={','.join(severity)}"] if severity else []), *([f"--entry={entry}"] if entry else [])]
        rows = (await program.call("findings", "list", "--json", *words)).data()
        return {"findings": rows[:limit], "left_out": max(0, len(rows) - limit)}

    @tools.tool()
    async def verify_finding(finding: FindingId, target: Target | None = None) -> dict[str, Any]:
        """Play the proof of a finding again, in three fresh processes of a clean environment; also on another release or a checkout."""
        done = await program.call("verify", finding, "--json", *([f"--target={target}"] if target else []))
        return {"exit_code": done.code, **done.data()}

    return tools


def progress(ctx: Context) -> Line:
    """Tells the assistant the lines of a process, numbered."""
    numbers = iter(range(1, 1_000_000))

    async def say(line: str) -> None:
        if line:
            await ctx.report_progress(next(numbers), message=line[:300])

    return say


async def newest(program: Program, entry: str) -> dict[str, Any]:
    """The newest run of an entry, and its confirmed findings in short."""
    runs = [row for row in (await program.call("runs", "--json")).data() if row["run"].partition("/")[0] == entry]
    if not runs:
        return {"run": None, "findings": []}
    name = runs[-1]["run"]
    findings = (await program.call("findings", name, "--json")).data()
    return {**runs[-1], "report": str(program.runs / name / "FINAL_REPORT.md"), "findings": findings}


def brief(result: dict[str, Any]) -> dict[str, Any]:
    """The result of a check without what only its own commands read."""
    return {name: value for name, value in result.items() if name not in ("groups", "coverage")}


def serve(settings: Settings) -> int:
    """Answer on standard input and output until the assistant goes away."""
    asyncio.run(server(Program(settings.runs)).run_stdio_async())
    return 0
