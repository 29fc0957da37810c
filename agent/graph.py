"""The mission as a LangGraph state machine: seven phases in a straight line, each a think -> tool -> settle loop of its own.

The state holds positions and records only. What was observed is in the ledger, what was done in the call markers; when
the checkpoint is gone, a fresh walk through the graph finds the markers and adopts what is there. Where a person is asked
(`agent.policies.approval`), LangGraph's interrupt ends the walk; the decision is a file, so the next walk does not ask again.
"""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypedDict

from agent.core import events
from agent.core.artifacts import Action, Receipt
from agent.core.checkpoints import SealedSerializer
from agent.core.errors import UsageError
from agent.core.known import ENTERED, SETTLED
from agent.core.orchestration import END, START, BaseCheckpointSaver, CompiledStateGraph, Runtime, StateGraph
from agent.core.records import write_record
from agent.core.shortage import counted
from agent.core.tool import Record, Tool, ToolContext
from agent.court.replay import each
from agent.phases import build, evaluate, execute, recommend, report, research, simulate
from agent.phases.base import Mission, Phase
from agent.policies.approval import code_asked, phase_asked
from agent.policies.playbook import Policy

PHASES: tuple[Phase, ...] = (
    research.PHASE,
    simulate.PHASE,
    build.PHASE,
    execute.PHASE,
    evaluate.PHASE,
    report.PHASE,
    recommend.PHASE,
)
REPAIRS = 2
"""How often a phase may try again after an unmet gate before it is finished degraded."""


@dataclass(frozen=True)
class Deps:
    """Run-scoped objects of the graph's runtime context."""

    mission: Mission
    context: ToolContext
    policy: Policy
    emit: Callable[[events.Event], None]


def merge(left: dict[str, Receipt], right: dict[str, Receipt]) -> dict[str, Receipt]:
    """Later receipts stand beside earlier ones."""
    return left | right


class MissionState(TypedDict, total=False):
    """Small typed decisions; everything else is on disk."""

    receipts: Annotated[dict[str, Receipt], merge]
    call: str
    """Id of the call decided by think, empty when the phase has nothing left to do."""
    tool: str
    attempt: int
    steps: int
    """Tool calls made in the present phase by this and earlier processes."""


def phase_graph(number: int, phase: Phase, tools: Mapping[str, Tool[Record, Record]]) -> CompiledStateGraph[MissionState, Deps, Any, Any]:
    """The inner loop of one phase."""

    def enter(state: MissionState, runtime: Runtime[Deps]) -> MissionState:
        if not isinstance(runtime.context, Deps):  # a studio shows the graph; what a mission stands on is made by its command
            raise UsageError("a mission needs a run folder and a target", hint="Run it with `python -m agent --entry ID`.")
        runtime.context.mission.ledger.append(ENTERED, f"{phase.name}#{time.time_ns()}", {"phase": phase.name})
        runtime.context.emit(events.PhaseStarted(phase.name, number, phase.purpose))
        return {"call": "", "tool": "", "attempt": 0, "steps": 0}

    def think(state: MissionState, runtime: Runtime[Deps]) -> MissionState:
        deps = runtime.context
        decision = deps.policy.decide(phase, deps.mission, state["attempt"])
        if isinstance(decision, Action):
            return {"call": deps.mission.call_id(phase.name, decision), "tool": decision.tool}
        return {"call": "", "tool": "settle"}

    def act(state: MissionState, runtime: Runtime[Deps]) -> MissionState:
        deps = runtime.context
        decision = deps.policy.decide(phase, deps.mission, state["attempt"])
        if isinstance(decision, Action) and deps.mission.call_id(phase.name, decision) == state["call"]:
            code_asked(phase.name, decision, deps.mission, deps.context)
            calls = {deps.mission.call_id(phase.name, one): one for one in (decision, *decision.beside)}
            for _ in each(partial(make_call, phase, deps=deps), calls.values(), deps.mission.settings.jobs):
                pass
        return {"steps": state["steps"] + 1}

    def settle(state: MissionState, runtime: Runtime[Deps]) -> MissionState:
        deps = runtime.context
        record = deps.policy.decide(phase, deps.mission, state["attempt"])
        if isinstance(record, Action):
            return {"call": "again"}
        began = time.monotonic()
        missing = tuple(phase.gate(deps.mission, record))
        degraded = bool(missing) and state["attempt"] >= REPAIRS
        deps.emit(events.GateChecked(phase.name, missing, degraded, time.monotonic() - began))
        if missing and not degraded:
            return {"call": "again", "attempt": state["attempt"] + 1}
        finished = record.model_copy(update={"missing": missing})
        phase_asked(finished, deps.mission)
        receipt = write_record(deps.mission.workspace, finished)
        deps.mission.ledger.append(SETTLED, f"{phase.name}#{time.time_ns()}", {"phase": phase.name, "sha256": receipt.sha256})
        deps.emit(events.PhaseFinished(phase.name, deps.mission.journal.seconds(phase.name), adopted=state["steps"] == 0))
        return {"receipts": {phase.name: receipt}, "call": ""}

    graph = StateGraph(MissionState, context_schema=Deps)
    graph.add_node("enter", enter)
    graph.add_node("think", think)
    graph.add_node("settle", settle)
    for name in tools:
        graph.add_node(name, act)
        graph.add_edge(name, "think")
    graph.add_edge(START, "enter")
    graph.add_edge("enter", "think")
    graph.add_conditional_edges("think", lambda state: state["tool"], [*tools, "settle"])
    graph.add_conditional_edges("settle", lambda state: "think" if state["call"] == "again" else END, ["think", END])
    return graph.compile()


def make_call(phase: Phase, action: Action, deps: Deps) -> None:
    """Make one tool call through the journal and tell the listeners; what is committed is left alone."""
    call = deps.mission.call_id(phase.name, action)
    if deps.mission.journal.committed(call):
        return
    deps.emit(events.ActionStarted(phase.name, call, action.tool, action.why))
    tool = deps.mission.tools[action.tool]
    places = (deps.mission.workspace.root, Path(tempfile.gettempdir()), deps.mission.settings.cache)
    done = deps.mission.journal.once(
        call, action.tool, lambda: counted(lambda: tool.call(action.args, deps.context).model_dump(mode="json"), places)
    )
    said = (
        done.result.get("error") or "; ".join(p["message"] for p in done.result.get("problems", [])[:1]) or done.result.get("problem", "")
    )
    ok = done.ok and bool(done.result.get("ok", True))
    deps.emit(events.ActionFinished(phase.name, done, ok, done.error or said))


def mission_graph(
    tools: Mapping[str, Tool[Record, Record]], saver: BaseCheckpointSaver[str] | None, phases: Sequence[Phase] = PHASES
) -> CompiledStateGraph[MissionState, Deps, Any, Any]:
    """The phases in a line, over `saver`'s checkpoints."""
    graph = StateGraph(MissionState, context_schema=Deps)
    previous = START
    for number, phase in enumerate(phases, 1):
        graph.add_node(phase.name, phase_graph(number, phase, tools))
        graph.add_edge(previous, phase.name)
        previous = phase.name
    graph.add_edge(previous, END)
    return graph.compile(checkpointer=saver)


def serializer() -> SealedSerializer:
    """Serializer that lets in the one record class of the state, and nothing else."""
    return SealedSerializer(allowed_msgpack_modules=[(Receipt.__module__, Receipt.__qualname__)])
