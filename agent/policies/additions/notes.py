"""Asks a model for one decision, and writes down what could not be used."""

import hashlib
import re
from collections.abc import Generator
from typing import Any, TypeVar

from agent.core.artifacts import Action, CallResult, PhaseName
from agent.core.record import Record
from agent.core.shortage import ran_out
from agent.models.added import one_line
from agent.models.decisions import DECISIONS
from agent.phases.base import Mission

R = TypeVar("R", bound=Record)
T = TypeVar("T")
Step = Generator[Action, CallResult, T]
ADDRESS = re.compile(r"\b[a-z][a-z+.-]*://\S+", re.IGNORECASE)
NOTE = "model_note"
"""Kind of the ledger's lines about what was left out."""


def noted(mission: Mission, phase: PhaseName, what: str, why: str) -> None:
    """One line of the ledger: something that a model was asked for is left out, and why."""
    text = ADDRESS.sub("(an address)", one_line(why))[:500]
    key = hashlib.sha256(f"{phase}{what}{text}".encode()).hexdigest()[:16]
    mission.ledger.append(NOTE, key, {"phase": phase, "what": what, "why": text})


def ask(answer: type[R], name: str, slots: dict[str, Any], why: str, key: str = "") -> Step[R | None]:
    """The model's answer to a decision; None when there is none, so that the playbook's way stands."""
    done = yield Action(id=f"ask-{name}{key}", tool="ask_model", args={"decision": name, "slots": slots}, why=why)
    if not done.ok or not done.result.get("ok") or done.result.get("source") == "playbook" or DECISIONS[name].answer is not answer:
        return None
    return answer.model_validate(done.result["answer"])


def attempted(step: Step[T], otherwise: T, mission: Mission, phase: PhaseName, what: str) -> Step[T]:
    """What the step comes to; `otherwise` when it fails, so that one failure does not take the other additions with it."""
    try:
        return (yield from step)
    except Exception as error:  # whatever a model answered may break a step, and must break nothing else
        if limit := ran_out(error):
            raise limit from error
        noted(mission, phase, what, f"{type(error).__name__}: {error}")
        return otherwise
