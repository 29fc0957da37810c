"""Asks a model for one decision; whatever the model does, there is an answer that fits its record or the word that the playbook decides."""

import dataclasses
import itertools
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from jinja2 import TemplateError
from pydantic import Field

from agent.core.chat import ChatModel, Message, Request
from agent.core.errors import InvalidArguments
from agent.core.events import ModelAsked
from agent.core.record import Record
from agent.core.shortage import ran_out
from agent.core.tool import Tool, ToolContext
from agent.models import catalogue
from agent.models.answers import Parsed, parse, repair_question
from agent.models.calls import CallRecord, CallStore, key_of
from agent.models.cassette import spent
from agent.models.decision import Decision, Form, Renderer
from agent.models.decisions import DECISIONS
from agent.models.loops import LONGEST, find_loop, step_of
from agent.models.scrub import one_line
from agent.models.sending import Question, Sender, Unsent

WARMER = 0.8
"""Temperature of further draws: the same question at a low one brings the same answer."""
EXCERPT = 1_200
"""Characters of an unusable answer that are shown to the model again."""


Source = Literal["model", "repaired", "playbook"]


class AskArgs(Record):
    """Which decision, and what the model must know for it."""

    decision: str = Field(description="name of the decision")
    slots: dict[str, Any] = Field(description="variables of its question")


class Call(Record):
    """One request on the wire."""

    provider: str = Field(description="who was asked")
    model: str = Field(description="by which name")
    prompt_tokens: int | None = Field(description="as the provider counted; none when it did not say")
    answer_tokens: int | None = Field(description="as the provider counted; none when it did not say")
    budgeted: int = Field(description="tokens that the budget counts for it")
    seconds: float = Field(description="until it ended")
    waited: float = Field(description="seconds spent waiting for a limit before it")
    cost: float | None = Field(description="US dollars; none: unknown")
    outcome: str = Field(description="answered, malformed, limited, too_large, refused, unavailable, or sent: nobody knows")
    message: str = Field(description="what went wrong")
    prompt_sha256: str = Field(description="of the messages as sent")


class Asked(Record):
    """What came of it."""

    ok: bool = Field(description="a model's answer is there")
    source: Source = Field(description="whose the answer is; playbook: there is none from a model")
    answer: dict[str, Any] | None = Field(description="fits the decision's record")
    alternatives: tuple[dict[str, Any], ...] = Field(default=(), description="further draws that fit as well, for whoever can choose")
    why: str = Field(description="why the playbook decides, or what was wrong on the way")
    calls: tuple[Call, ...] = Field(default=(), description="every request on the wire for it, oldest first")
    cut: tuple[str, ...] = Field(default=(), description="slots that did not fit whole")
    neutralised: int = Field(default=0, description="lines of foreign text that read like instructions and were taken out")
    come_back_at: str = Field(default="", description="when a used-up limit is free again, ISO 8601, UTC")


@dataclass
class _Drawn:
    """What one model brought so far."""

    answers: list[tuple[Source, dict[str, Any]]] = field(default_factory=list)
    asked_back: bool = False
    problems: list[str] = field(default_factory=list)
    unsent: Unsent | None = None


def make_tool(decisions: Mapping[str, Decision]) -> Tool[Any, Any]:
    """The tool over a set of decisions."""

    def run(args: AskArgs, context: ToolContext) -> Asked:
        if args.decision not in decisions:
            raise InvalidArguments(f"ask_model: no decision {args.decision!r}", hint=f"Known: {', '.join(sorted(decisions))}.")
        if not context.models:
            return _playbook("no model is configured")
        try:
            return _Asking(decisions[args.decision], json.loads(json.dumps(args.slots, default=str)), context).answer()
        except TemplateError as error:
            raise InvalidArguments(f"ask_model: the question {args.decision} cannot be rendered: {error}") from error
        except (sqlite3.Error, OSError) as error:
            if limit := ran_out(error):
                raise limit from error
            file = context.settings.cache / "model" / "limits.sqlite"
            return _playbook(f"the limits in {file.name} of the cache folder cannot be kept: {error}")

    return Tool("ask_model", "ask a language model for one decision", AskArgs, Asked, run, needs_run=True)


class _Asking:
    """One decision on its way down the chain of models."""

    def __init__(self, decision: Decision, slots: dict[str, Any], context: ToolContext) -> None:
        self._decision, self._slots, self._context = decision, slots, context
        workspace = context.workspace
        if workspace is None:
            raise InvalidArguments("ask_model: works in a run only")
        secrets = (context.settings.groq_key, context.settings.openai_key)
        self._sender = Sender(context, CallStore(workspace.root, secrets))
        self._renderer = Renderer(context.settings.project / "prompts" / "decisions")
        self._keys: list[str] = []
        self._wholes: dict[tuple[float, Form], Request] = {}
        self._firsts: dict[tuple[str, str], str] = {}

    def answer(self) -> Asked:
        """The first usable answer of the chain; models that have answered this question before come first, played out ones not at all."""
        reasons, come_back = [], ""
        chain = [model for model in self._context.models if self._stored(model) or not spent(model)]
        for model in sorted(chain, key=lambda model: not self._stored(model)):
            drawn = self._drawn(model)
            if drawn.answers:
                (source, first), *others = drawn.answers
                alternatives = tuple(answer for _, answer in others)
                return self._asked(ok=True, source=source, answer=first, alternatives=alternatives, why=" ".join(drawn.problems))
            reasons.append(f"{model.provider} {model.name}: {' '.join(drawn.problems)}")
            come_back = come_back or (drawn.unsent.come_back_at if drawn.unsent else "")
        why = "; ".join(reasons) or "the recording is played to its end"
        return self._asked(ok=False, source="playbook", answer=None, why=why, come_back_at=come_back)

    def _drawn(self, model: ChatModel) -> _Drawn:
        """Draw the candidates; one repair question at most."""
        drawn = _Drawn()
        nudge = ""
        if not self._stored(model):
            nudge, circles = self._circles(model)
            if circles:
                drawn.problems.append(circles)
                return drawn
        for draw in range(max(1, self._decision.candidates)):
            self._draw(model, draw, nudge, drawn)
            if drawn.unsent or (drawn.answers and self._decision.verify):
                break
        return drawn

    def _draw(self, model: ChatModel, draw: int, nudge: str, drawn: _Drawn) -> None:
        """One candidate; the first that cannot be used is asked back."""
        record = self._send(model, draw, nudge, (), drawn)
        if record is None:
            return
        source: Source = "model"
        parsed = self._read(record)
        if parsed.record is None:
            drawn.problems.append(_brief(parsed))
            if drawn.asked_back:
                return
            drawn.asked_back, source = True, "repaired"
            follow = (
                Message(role="assistant", content=record.reply.text[:EXCERPT].strip() or "(empty)" if record.reply else "(empty)"),
                Message(role="user", content=repair_question(self._decision, parsed)),
            )
            repaired = self._send(model, draw, nudge, follow, drawn)
            if repaired is None:
                return
            parsed = self._read(repaired)
            if parsed.record is None:
                drawn.problems.append(f"Repaired: {_brief(parsed)}")
                return
        drawn.answers.append((source, parsed.record.model_dump(mode="json")))

    def _send(self, model: ChatModel, draw: int, nudge: str, follow: tuple[Message, ...], drawn: _Drawn) -> CallRecord | None:
        decision = dataclasses.replace(self._decision, temperature=max(WARMER, self._decision.temperature)) if draw else self._decision
        plain = self._form(model, follow=follow)
        whole = self._whole(decision, plain)
        form = dataclasses.replace(plain, factor=self._sender.factor(model), nudge=nudge, constrains=model.constrains)
        first = "" if not draw and not follow else self._first(model)
        question = Question(
            whole,
            lambda room: self._renderer.fitting(decision, self._slots, form, room),
            decision.name,
            decision.phase,
            first,
            draw,
            bool(nudge),
        )
        self._context.progress(f"asking {model.name}: {decision.name}{' again' if follow else ''}")
        sent = self._sender.send(model, question)
        self._keys.append(key_of(model, whole, draw))
        self._context.emit(ModelAsked(self._keys[-1]))
        if isinstance(sent, Unsent):
            drawn.problems.append(sent.why)
            drawn.unsent = sent
            return None
        return sent

    def _form(self, model: ChatModel, follow: tuple[Message, ...] = ()) -> Form:
        """Without what a resumed mission may see otherwise: a learned factor, a nudge, an endpoint that turned out to take no schema."""
        return Form(answer_factor=catalogue.answer_factor(model.name), follow=follow)

    def _first(self, model: ChatModel) -> str:
        """Key of the question's first draw."""
        name = (model.provider, model.name)
        if name not in self._firsts:
            self._firsts[name] = key_of(model, self._whole(self._decision, self._form(model)), 0)
        return self._firsts[name]

    def _whole(self, decision: Decision, form: Form) -> Request:
        """The question without a limit, rendered once for each temperature and form."""
        name = (decision.temperature, form)
        if name not in self._wholes:
            self._wholes[name] = self._renderer.whole(decision, self._slots, form).request
        return self._wholes[name]

    def _stored(self, model: ChatModel) -> bool:
        """Whether this question was answered in this run before, by this model."""
        record = self._sender.store.get(self._first(model))
        return record is not None and record.reply is not None

    def _read(self, record: CallRecord) -> Parsed:
        """Parse an answer, and keep with its record what was wrong."""
        if record.reply is None:
            return Parsed(None, "There is no answer.", False, "none")
        parsed = parse(self._decision, record.reply)
        if parsed.problem != record.problem:
            self._sender.store.put(record.model_copy(update={"problem": parsed.problem}))
        return parsed

    def _circles(self, model: ChatModel) -> tuple[str, str]:
        """A nudge for a model whose past answers to this decision go round in circles; or, nudged before, why it is given up."""
        asked = (self._decision.name, model.provider, model.name)
        backwards = reversed(self._sender.store.all())
        past = (r for r in backwards if (r.decision, r.provider, r.model) == asked and r.reply and not r.draw)
        newest = list(itertools.islice(past, LONGEST))
        loop = find_loop([step_of(record) for record in reversed(newest)])
        if loop is None:
            return "", ""
        if any(record.nudged for record in (*newest, *past)):
            return "", f"it goes round in circles ({loop.kind}), a nudge did not help"
        return loop.nudge, ""

    def _asked(self, **fields: Any) -> Asked:
        records = [record for key in dict.fromkeys(self._keys) if (record := self._sender.store.get(key))]
        calls = tuple(call for record in records for call in _calls(record))
        cuts = tuple(dict.fromkeys(name for record in records for name in record.cuts))
        return Asked(calls=calls, cut=cuts, neutralised=max((record.neutralised for record in records), default=0), **fields)


def _playbook(why: str) -> Asked:
    return Asked(ok=False, source="playbook", answer=None, why=why)


def _brief(parsed: Parsed) -> str:
    return "The answer was cut off." if parsed.truncated else one_line(parsed.problem)


def _calls(record: CallRecord) -> tuple[Call, ...]:
    """The result's lines about a question's requests."""
    return tuple(
        Call(
            provider=record.provider,
            model=record.model,
            budgeted=attempt.tokens,
            **{name: getattr(attempt, name) for name in Call.model_fields if name in type(attempt).model_fields},
        )
        for attempt in record.attempts
    )


TOOL = make_tool(DECISIONS)
