"""What a span tells about a mission, phase, tool call, gate, decision or model call.

Names are those of the GenAI conventions (github.com/open-telemetry/semantic-conventions-genai, status: development) where they have one;
ours begin with `stageflow_agent.`. Prompts and answers are not told: their hash, and the key under which the run's store has them, are.
"""

from collections.abc import Iterable

from pydantic import SecretStr

from agent.core import events
from agent.core.artifacts import CallResult
from agent.models.calls import CallRecord
from agent.models.scrub import one_line
from agent.reporting.model_page import decision_of, short
from agent.reporting.spans import Facts, Value

AGENT = "stageflow-agent"
OWN = "stageflow_agent"
SERVICES = ("groq", "openai_compatible")
"""Providers that are somebody else's service; the others answer on this machine."""
PHASE = f"{OWN}.phase"
COST = f"{OWN}.cost_usd"
BUDGETED = f"{OWN}.budgeted_tokens"
SECONDS = f"{OWN}.seconds"
INPUT, OUTPUT = "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"
SHORT = 100
"""Characters of a name that a stranger gave."""


def mission(started: events.MissionStarted, finished: events.MissionFinished, run: str, providers: tuple[str, ...]) -> Facts:
    """The whole of it; `seconds` would be those of the last process only, so they are left to the phases."""
    attributes: dict[str, Value] = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": AGENT,
        f"{OWN}.entry": started.entry,
        f"{OWN}.run": run,
        f"{OWN}.confirmed_defects": finished.confirmed,
    }
    if providers:
        attributes["gen_ai.provider.name"] = providers[0]
    return Facts(f"invoke_agent {AGENT}", attributes)


def phase(event: events.PhaseFinished) -> Facts:
    """One of the seven."""
    attributes: dict[str, Value] = {PHASE: event.phase, f"{OWN}.adopted": event.adopted, SECONDS: round(event.seconds, 3)}
    return Facts(f"phase {event.phase}", attributes)


def gate(event: events.GateChecked) -> Facts:
    """One look at a phase's exit gate."""
    attributes: dict[str, Value] = {PHASE: event.phase, f"{OWN}.gate.missing": event.missing, f"{OWN}.gate.degraded": event.degraded}
    return Facts(f"gate {event.phase}", attributes, error="gate_unmet" if event.missing else "")


def tool(marker: CallResult, why: str, secrets: Iterable[SecretStr | None]) -> Facts:
    """One committed tool call."""
    known = tuple(secrets)
    attributes: dict[str, Value] = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": marker.tool,
        "gen_ai.tool.call.id": marker.call_id,
        PHASE: marker.call_id.partition("/")[0],
        SECONDS: marker.seconds,
    }
    if why:
        attributes[f"{OWN}.why"] = one_line(why, known)
    done = marker.ok and bool(marker.result.get("ok", True))
    said = "" if marker.tool == "ask_model" else str(marker.error or marker.result.get("error") or "")
    return Facts(f"execute_tool {marker.tool}", attributes, "" if done else "tool_failed", "" if done else one_line(said, known))


def decision(marker: CallResult) -> Facts:
    """What one `ask_model` came to."""
    name, result = decision_of(short(marker)), marker.result
    source = str(result.get("source", "playbook"))
    attributes: dict[str, Value] = {
        PHASE: marker.call_id.partition("/")[0],
        f"{OWN}.decision": name,
        f"{OWN}.decision.source": source,
        f"{OWN}.decision.model_calls": len(result.get("calls", [])),
        f"{OWN}.cuts": tuple(result.get("cut", ())),
        f"{OWN}.neutralised_lines": int(result.get("neutralised", 0)),
    }
    return Facts(f"decision {name}", attributes, error="playbook" if source == "playbook" else "")


def chat(record: CallRecord, number: int) -> Facts:
    """One request on the wire."""
    attempt = record.attempts[number]
    attributes: dict[str, Value] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": record.provider,
        "gen_ai.request.model": record.model,
        "gen_ai.prompt.name": record.decision,
        PHASE: record.phase,
        f"{OWN}.decision": record.decision,
        f"{OWN}.call.key": record.key,
        f"{OWN}.call.attempt": number + 1,
        f"{OWN}.call.draw": record.draw,
        f"{OWN}.call.outcome": attempt.outcome,
        f"{OWN}.prompt.sha256": attempt.prompt_sha256,
        f"{OWN}.waited_seconds": attempt.waited,
        BUDGETED: attempt.tokens,
    }
    known = {INPUT: attempt.prompt_tokens, OUTPUT: attempt.answer_tokens, COST: attempt.cost}
    attributes |= {name: value for name, value in known.items() if value is not None}
    if number == len(record.attempts) - 1:
        attributes |= last(record)
    error = "" if attempt.outcome == "answered" else "interrupted" if attempt.outcome == "sent" else attempt.outcome
    return Facts(f"chat {record.model}", attributes, error, kind="client" if record.provider in SERVICES else "internal")


def last(record: CallRecord) -> dict[str, Value]:
    """What the store keeps of the last attempt only: the request and the answer without their texts."""
    attributes: dict[str, Value] = {
        "gen_ai.request.max_tokens": record.request.max_tokens,
        "gen_ai.request.temperature": record.request.temperature,
        f"{OWN}.cuts": record.cuts,
    }
    if record.request.answer_schema is not None:
        attributes["gen_ai.output.type"] = "json"
    if record.reply is not None:
        attributes["gen_ai.response.finish_reasons"] = (record.reply.finish,)
        attributes["gen_ai.response.model"] = one_line(record.reply.model, limit=SHORT)
    return attributes
