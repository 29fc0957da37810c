"""What a model added to a run, call by call, and what it cost: the last page of the report, read from the run folder alone."""

import contextlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from agent.core.artifacts import RECORDS, CallResult, Execution, PhaseName
from agent.core.errors import UsageError
from agent.core.ledger import Ledger
from agent.core.records import read_record
from agent.core.workspace import Workspace
from agent.models.added import SUMMARY, one_line, researched
from agent.models.calls import sha256_of
from agent.models.cassette import RECORDING, recorded_calls
from agent.models.decisions import DECISIONS
from agent.reporting.receipts import Claim, PageTried, claims, pages_tried

UNKNOWN = "unknown"
PROBE = re.compile(r"^(?:probe|probe_repair)-(\d+)(?:-(\d+))?$")

NAME = re.compile(r"stageflow(\.\w+)*")


@dataclass(frozen=True)
class Asked:
    """One decision that was asked for.

    Attributes:
        source: model, repaired, or playbook when there was no usable answer.
        tokens: prompt and answer as the provider counted them; `unknown` when it did not say.
        cost: US dollars, or `unknown`.
        outcome: what became of the answer.
        recorded: numbers of its calls in the recording, as `replay --fork-at` takes them.
    """

    phase: str
    decision: str
    model: str
    source: str
    calls: int
    tokens: str
    cost: str
    seconds: float
    outcome: str
    recorded: str = ""


@dataclass(frozen=True)
class Added:
    """A finding that the playbook's own probes did not bring."""

    id: str
    title: str
    way: str


@dataclass(frozen=True)
class ModelFacts:
    """The page; `rows` is empty when no model was asked."""

    rows: tuple[Asked, ...]
    added: tuple[Added, ...]
    claims: tuple[Claim, ...]
    pages: tuple[PageTried, ...] | None
    left_out: tuple[Mapping[str, Any], ...]
    summary: str
    tokens: str
    cost: str
    seconds: float


def model_facts(workspace: Workspace) -> ModelFacts:
    """Read what a model was asked for in a run."""
    found = [(phase, marker) for phase in RECORDS for marker in markers(workspace, phase)]
    asked = [(phase, marker) for phase, marker in found if marker.tool == "ask_model"]
    played = {short(marker): marker for _, marker in found if marker.tool == "play_written"}
    numbers = numbered(workspace)
    rows = tuple(replace(row(phase, marker, workspace, played), recorded=recorded(marker, numbers)) for phase, marker in asked)
    calls = [call for _, marker in asked for call in marker.result.get("calls", [])]
    return ModelFacts(
        rows=rows,
        added=tuple(added(workspace)),
        claims=claims(workspace),
        pages=pages_tried(workspace),
        left_out=tuple(record.data for record in Ledger(workspace.root).records("model_note")),
        summary=(workspace.read_json(SUMMARY) or {}).get("text", ""),
        tokens=tokens_of(calls),
        cost=cost_of(calls),
        seconds=round(sum(r.seconds for r in rows), 1),
    )


def markers(workspace: Workspace, phase: PhaseName) -> list[CallResult]:
    """Committed calls of a phase, in the order in which they were committed; the ledger knows it better than the clock."""
    names = sorted(workspace.path(f"results/calls/{phase}").glob("*.json"))
    found = [CallResult.model_validate(raw) for file in names if (raw := workspace.read_json(workspace.relative(file)))]
    order = {name: number for number, name in enumerate(DECISIONS)}
    place = {str(record.data["call"]): number for number, record in enumerate(Ledger(workspace.root).records("call_committed"))}
    last = len(place)
    return sorted(
        found,
        key=lambda marker: (place.get(marker.call_id, last), marker.finished_at, order.get(decision_of(short(marker)), 0), marker.call_id),
    )


def short(marker: CallResult) -> str:
    """The action's own id, without phase, prefix and hash."""
    return marker.call_id.partition("/")[2].rpartition("-")[0].removeprefix("ask-")


def decision_of(name: str) -> str:
    """The decision that an action's id begins with."""
    return max((decision for decision in DECISIONS if name == decision or name.startswith(f"{decision}-")), key=len, default=name)


def row(phase: str, marker: CallResult, workspace: Workspace, played: Mapping[str, CallResult]) -> Asked:
    """One line of the table."""
    name, result = short(marker), marker.result
    calls = result.get("calls", [])
    return Asked(
        phase=phase,
        decision=decision_of(name),
        model=", ".join(dict.fromkeys(f"{call.get('provider', '')} {call.get('model', '')}".strip() for call in calls)) or "none",
        source=result.get("source", "playbook"),
        calls=len(calls),
        tokens=tokens_of(calls),
        cost=cost_of(calls),
        seconds=marker.seconds,
        outcome=outcome(name, marker, workspace, played),
    )


def numbered(workspace: Workspace) -> dict[str, list[int]]:
    """Hash of a prompt to the numbers of its calls in the run's recording."""
    path = workspace.path(RECORDING)
    found: dict[str, list[int]] = {}
    with contextlib.suppress(UsageError, ValueError):  # a page is written whatever became of the recording; it then holds no numbers
        for number, call in enumerate(recorded_calls(path) if path.is_file() else (), 1):
            found.setdefault(sha256_of(call.asked), []).append(number)
    return found


def recorded(marker: CallResult, numbers: dict[str, list[int]]) -> str:
    """Numbers of a decision's calls in the recording; those of one prompt are given out in their order."""
    found = [numbers[sha].pop(0) for call in marker.result.get("calls", []) if numbers.get(sha := call.get("prompt_sha256", ""))]
    return ", ".join(f"#{number}" for number in found)


def tokens_of(calls: Iterable[Mapping[str, Any]]) -> str:
    """Sum of prompt and answer tokens; what is not known is said and not counted."""
    listed = list(calls)
    told = [(call["prompt_tokens"] + call["answer_tokens"]) for call in listed if counted(call)]
    silent = len(listed) - len(told)
    if not silent:
        return str(sum(told))
    return f"{sum(told)}, {silent} of {len(listed)} calls {UNKNOWN}" if told else UNKNOWN


def counted(call: Mapping[str, Any]) -> bool:
    """Whether the provider said how many tokens a call took."""
    return isinstance(call.get("prompt_tokens"), int) and isinstance(call.get("answer_tokens"), int)


def cost_of(calls: Iterable[Mapping[str, Any]]) -> str:
    """Sum of prices; one unknown price makes the sum unknown."""
    prices = [call.get("cost") for call in calls]
    if any(price is None for price in prices):
        return UNKNOWN
    return f"{sum(price for price in prices if price is not None):.6f} USD"


def outcome(name: str, marker: CallResult, workspace: Workspace, played: Mapping[str, CallResult]) -> str:
    """What became of one answer."""
    if marker.result.get("source", "playbook") == "playbook":
        return "the playbook's way: " + one_line(marker.error or marker.result.get("why") or "no answer")[:300]
    if match := PROBE.match(name):
        attempt = 1 if name.startswith("probe-") else int(match[2] or 1) + 1
        return played_outcome(played.get(f"play-{match[1]}-{attempt}"), workspace)
    if name.startswith("graph-"):
        return played_outcome(played.get(f"play-{name.removeprefix('graph-')}"), workspace)
    return kept(decision_of(name), marker, workspace)


def kept(decision: str, marker: CallResult, workspace: Workspace) -> str:
    """How much of an answer was taken, by decision."""
    model = researched(workspace)
    match decision:
        case "queries":
            return f"{len(model.get('searches', []))} searches made"
        case "hypotheses":
            return f"taken: {', '.join(h['id'] for h in model.get('hypotheses', [])) or 'none'}"
        case "rows":
            files = (workspace.path(f"mocks/data/{kind}/model.jsonl") for kind in ("edge_cases", "adversarial"))
            return f"{sum(len(f.read_text(encoding='utf-8').splitlines()) for f in files if f.exists())} records kept"
        case "target":
            answer = marker.result.get("answer") or {}
            subject = str(answer.get("subject", ""))
            return f"{answer.get('oracle', '')} {subject if NAME.fullmatch(subject) else ''}".strip()
        case "suggestions":
            rows = (workspace.read_json("improvements.json") or {}).get("findings", [])
            ids = [r["id"] for r in rows if r["context"].startswith("Proposed by a model")]
            return f"logged: {', '.join(ids) or 'none'}"
        case "summary" | "summary_repair":
            printed = (workspace.read_json(SUMMARY) or {}).get("text", "")
            same = bool(printed) and one_line((marker.result.get("answer") or {}).get("text", "")) == printed
            return "printed" if same else "not printed: it says what the table does not"
        case "newcomer" | "newcomer_again":
            return "see dx_evaluation/newcomer.md"
        case _:
            return "used"


def played_outcome(marker: CallResult | None, workspace: Workspace) -> str:
    """What a written probe came to."""
    if marker is None:
        return "not played"
    if not marker.result.get("ok"):
        return one_line(f"dropped at {marker.result.get('stage', 'play')}: {marker.error or marker.result.get('problem', '')}")[:300]
    keys = {sighting["key"] for sighting in marker.result.get("sightings", [])}
    if not keys:
        return "played: the property holds"
    execution = read_record(workspace, Execution)
    states = [proof.status for proof in execution.proofs if proof.key in keys] if execution else []
    return f"played: violated, {states[-1]}" if states else "played: violated, not taken to court"


def added(workspace: Workspace) -> Iterable[Added]:
    """Findings that come from a written probe, or from probes that an added hypothesis brought in."""
    execution = read_record(workspace, Execution)
    if execution is None:
        return
    tests = [test.id for test in execution.tests if test.id.startswith("probes-model-")]
    brought = {row["probe"] for test in tests for row in workspace.read_json(f"results/metrics/{test}.json") or []}
    ids = {record.key: record.data["id"] for kind in ("bug", "dx") for record in Ledger(workspace.root).records(kind)}
    for proof in execution.proofs:
        probe = proof.key.partition("@")[0]
        if proof.status == "confirmed" and proof.fingerprint in ids and (probe.startswith("written/") or probe in brought):
            way = "a probe that the model wrote" if probe.startswith("written/") else "probes of the library for an added hypothesis"
            yield Added(str(ids[proof.fingerprint]), proof.title, way)
