"""Sends one question to one model: found again when it was answered before, within budget and limits, on disk before anything else."""

import datetime as dt
import hashlib
import itertools
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from agent.core.chat import ChatModel, Reply, Request, Usage
from agent.core.errors import ModelError, ModelLimited, ModelMalformed, ModelRefused, ModelTooLarge, ModelUnavailable
from agent.core.shortage import ran_out
from agent.core.tool import ToolContext
from agent.models import catalogue
from agent.models.budget import Budget, spent
from agent.models.calls import Attempt, CallRecord, CallStore, Outcome, key_of, sha256_of
from agent.models.decision import Prompt
from agent.models.limits import UNLIMITED, Allowance, ComeBack, Limiter, NeverFits
from agent.models.scrub import one_line
from agent.models.tokens import prompt_tokens

TRIES, TRIES_EVER = 3, 6
"""Requests on the wire for one question: in one go, and over all resumes."""
SHORT_WAIT = 65.0
"""Most seconds to wait for a limit: a whole minute's window."""
REST = 300.0
"""Seconds for which a model that refused, or gave no answer several times in a row, is not asked again."""
OUT_OF_REACH = 4
LARGEST_FACTOR = 4.0
"""A provider's count is believed up to so many times what was estimated."""
SMALLER = 0.6
"""Of the room, after a provider found a request too large."""
OWN = ("local", "scripted", "cassette")
"""Providers without limits."""
SLOW = 240.0
"""Seconds of a call to real weights on this machine: the largest read 37 and write 9 tokens a second on two cores."""
TEMPLATE = 1_000
"""More tokens than any chat template adds to a prompt."""
FILES = ("scripted", "cassette")
"""Providers whose next answer does not depend on the time: they need no rest, and a limit that was recorded is no limit now."""
OUTCOMES: tuple[tuple[type[ModelError], Outcome], ...] = (
    (ModelLimited, "limited"),
    (ModelTooLarge, "too_large"),
    (ModelRefused, "refused"),
    (ModelUnavailable, "unavailable"),
)


@dataclass(frozen=True)
class Question:
    """What is asked, at full size and cut to a room.

    Attributes:
        whole: the request without limits, which its key is made of.
        fit: the prompt cut to so many tokens; raises `ModelTooLarge`.
        decision: name.
        phase: whose budget pays.
        first: key of the first question of the same decision; empty when this is it.
        draw: number of the draw.
        nudged: holds a sentence against going round in circles.
    """

    whole: Request
    fit: Callable[[int], Prompt]
    decision: str
    phase: str
    first: str = ""
    draw: int = 0
    nudged: bool = False


@dataclass(frozen=True)
class Unsent:
    """There is no answer; `why`, and from when on there could be one, ISO 8601, when that is known."""

    why: str
    come_back_at: str = ""


class _Stop(Exception):
    """Carries an outcome out of the retries; it is no failure of a model."""

    def __init__(self, unsent: Unsent) -> None:
        super().__init__(unsent.why)
        self.unsent = unsent


def counted_to_estimated(record: CallRecord) -> float:
    """Prompt tokens as the provider counted them, by what was estimated; 0 where it did not count."""
    usage = record.reply.usage if record.reply else None
    return usage.prompt / prompt_tokens(record.request.messages, record.request.answer_schema) if usage else 0.0


class Sender:
    """Sends for one run; `store` is the run's, the limits are the machine's."""

    def __init__(self, context: ToolContext, store: CallStore) -> None:
        self.store = store
        self._settings = context.settings
        self._secrets = (context.settings.groq_key, context.settings.openai_key)
        self._budget = Budget.of(context.settings)
        self._progress = context.progress

    def limiter(self, model: ChatModel) -> Limiter:
        """The machine's limits as they hold for a model's provider."""
        known = catalogue.known(model.name) if model.provider == "groq" else None
        allowance = UNLIMITED if model.provider in OWN else Allowance.of(self._settings, known.limits if known else None)
        return Limiter(self._settings.cache / "model" / "limits.sqlite", allowance, sleep=self._sleep)

    def _scope(self, model: ChatModel) -> str:
        """What providers count by: a model, at an endpoint, for the owner of a key, which is told by eight digits of its hash."""
        own = self._settings
        groq = model.provider == "groq"
        url, key = (own.groq_base_url, own.groq_key) if groq else (own.openai_base_url, own.openai_key)
        account = hashlib.sha256(f"{url} {key.get_secret_value() if key else ''}".encode()).hexdigest()[:8]
        return f"{model.provider} {model.name} {account}"

    def _sleep(self, seconds: float) -> None:
        if seconds >= 2:
            self._progress(f"waiting {seconds:.0f} s for a rate limit")
        time.sleep(seconds)

    def factor(self, model: ChatModel) -> float:
        """Real prompt tokens to estimated ones, the worst of this run; not of the machine: a replayed run cuts its prompts alike."""
        return min(LARGEST_FACTOR, max(1.0, self.store.most(counted_to_estimated, model)))

    def send(self, model: ChatModel, question: Question) -> CallRecord | Unsent:
        """The stored record of the answer, paid now or earlier; or why there is none."""
        key = key_of(model, question.whole, question.draw)
        record = self.store.get(key)
        if record and record.reply:
            return record
        failed = [attempt for attempt in record.attempts if attempt.outcome != "sent"] if record else []
        if len(failed) >= TRIES_EVER:
            return Unsent(f"no answer in {len(failed)} tries: {failed[-1].message}")
        if why := resting(model, self.store.all(), time.time()):
            return Unsent(why)
        room = [1.0]

        def once() -> CallRecord:
            try:
                return self._once(model, question, key, room[0])
            except ModelTooLarge:
                room[0] *= SMALLER
                raise

        transient = retry_if_exception_type((ModelUnavailable, ModelLimited, ModelTooLarge))
        try:
            return Retrying(stop=stop_after_attempt(TRIES), wait=wait_exponential(0.25, max=4), retry=transient, reraise=True)(once)
        except ModelError as error:
            return Unsent(one_line(f"{error} {error.hint}", self._secrets))
        except _Stop as stop:
            return stop.unsent

    def _once(self, model: ChatModel, question: Question, key: str, share: float) -> CallRecord:
        """One request on the wire."""
        scope, limiter, gone = self._scope(model), self.limiter(model), spent(self.store.all())
        prompt = self._fitted(model, question, limiter.largest(scope), share)
        reserved = prompt.tokens + prompt.request.max_tokens
        most = cost(model, Usage(prompt=prompt.tokens, answer=prompt.request.max_tokens))
        if why := self._budget.refusal(gone, question.phase, reserved, most):
            raise _Stop(Unsent(why))
        verdict = limiter.admit(scope, reserved, min(SHORT_WAIT, self._budget.seconds_left(gone)))
        match verdict:
            case ComeBack():
                at = dt.datetime.fromtimestamp(verdict.at, dt.UTC).isoformat(timespec="seconds")
                raise _Stop(Unsent(f"{verdict.why}; come back at {at}", at))
            case NeverFits():
                raise ModelTooLarge(verdict.why)
        sha = sha256_of(prompt.request)
        attempt = Attempt(outcome="sent", sent_at=time.time(), estimated=reserved, prompt_sha256=sha, waited=round(verdict.waited, 3))
        record = self._record(model, question, key, prompt)
        record = self.store.put(record.model_copy(update={"attempts": (*record.attempts, attempt)}), lasting=False)
        seconds = max(0.05, min(self._patience(model), self._budget.seconds_left(gone) - verdict.waited))
        return self._complete(model, record, limiter, (scope, verdict.ticket), seconds)

    def _patience(self, model: ChatModel) -> float:
        """Seconds of one call; real weights on a few cores get more of them, unless somebody set how many."""
        chosen = "call_seconds" in self._settings.model_fields_set or model.provider != "local"
        return self._settings.call_seconds if chosen else max(SLOW, self._settings.call_seconds)

    def _fitted(self, model: ChatModel, question: Question, largest: int, share: float) -> Prompt:
        """The prompt, small enough for a call's budget, the limits and the model's context."""
        known = catalogue.known(model.name)
        room = min(self._settings.call_tokens, largest, (known.context if known else None) or largest)
        return question.fit(int(room * share))

    def _record(self, model: ChatModel, question: Question, key: str, prompt: Prompt) -> CallRecord:
        """The question's record so far, or a new one."""
        sent: dict[str, Any] = {
            "request": prompt.request,
            "nudged": question.nudged,
            "cuts": prompt.cuts,
            "neutralised": prompt.neutralised,
        }
        if record := self.store.get(key):
            return record.model_copy(update=sent)
        return CallRecord(
            key=key,
            question=question.first or key,
            decision=question.decision,
            draw=question.draw,
            phase=question.phase,
            provider=model.provider,
            model=model.name,
            **sent,
        )

    def _complete(self, model: ChatModel, record: CallRecord, limiter: Limiter, slot: tuple[str, int], seconds: float) -> CallRecord:
        """Ask, and write down what came of it before it is looked at."""
        began = time.monotonic()
        scope, ticket = slot
        try:
            reply, outcome, message = model.complete(record.request, seconds=seconds), "answered", ""
        except ModelMalformed as error:
            reply, outcome, message = Reply(text=error.text, finish="other", usage=None, model=model.name), "malformed", str(error)
        except ModelError as error:
            self._failed(model, record, error, began)
            if isinstance(error, ModelLimited) and model.provider not in FILES:
                limiter.refused(scope, error.retry_after, error.scope)
            if not isinstance(error, ModelUnavailable):
                limiter.correct(ticket, 0)
            raise
        except Exception as error:
            if limit := ran_out(error):
                raise limit from error
            # Behind the seam is foreign code reading foreign bytes: what it did not foresee is an outage to us, never the mission's end.
            outage = ModelUnavailable(f"{model.provider} failed with {type(error).__name__}: {error}")
            self._failed(model, record, outage, began)
            raise outage from error
        usage = believed(reply, record.request)
        reply = reply.model_copy(update={"usage": usage})
        facts: dict[str, Any] = {"outcome": outcome, "message": message, "cost": cost(model, usage)}
        if usage:
            facts |= {"prompt_tokens": usage.prompt, "answer_tokens": usage.answer}
        written = self._closed(record, began, reply, facts)
        self._learn(model, limiter, slot, written, reply)
        return written

    def _learn(self, model: ChatModel, limiter: Limiter, slot: tuple[str, int], record: CallRecord, reply: Reply) -> None:
        """Correct the limits by what the call really took and by what the provider says about them."""
        scope, ticket = slot
        if model.provider not in FILES:
            limiter.learn(scope, reply.headers, "day" if model.provider == "groq" else "minute")
        if reply.usage:
            reserved = record.attempts[-1].estimated
            limiter.correct(ticket, min(record.attempts[-1].tokens, round(LARGEST_FACTOR * reserved)))

    def _failed(self, model: ChatModel, record: CallRecord, error: ModelError, began: float) -> None:
        outcome = next(name for kind, name in OUTCOMES if isinstance(error, kind))
        facts: dict[str, Any] = {"outcome": outcome, "message": one_line(str(error), self._secrets)}
        if outcome != "unavailable":  # turned away before the model read it
            facts |= {"prompt_tokens": 0, "answer_tokens": 0, "cost": cost(model, Usage(prompt=0, answer=0))}
        self._closed(record, began, None, facts)

    def _closed(self, record: CallRecord, began: float, reply: Reply | None, facts: dict[str, Any]) -> CallRecord:
        """The record with its last attempt ended, as written."""
        ended = record.attempts[-1].model_copy(update={"seconds": round(time.monotonic() - began, 3), **facts})
        return self.store.put(record.model_copy(update={"reply": reply, "attempts": (*record.attempts[:-1], ended)}))


def believed(reply: Reply, request: Request) -> Usage | None:
    """The provider's count of tokens, unless it cannot be: no token is shorter than a byte, besides what a chat template adds."""
    usage = reply.usage
    if usage is None:
        return None
    asked = sum(len(message.content.encode("utf-8", "replace")) for message in request.messages) + len(json.dumps(request.answer_schema))
    answered = len(reply.text.encode("utf-8", "replace"))
    possible = 0 < usage.prompt <= asked + TEMPLATE and 0 <= usage.answer <= answered + request.max_tokens
    return usage if possible else None


def cost(model: ChatModel, usage: Usage | None) -> float | None:
    """US dollars by the catalogue; its prices are Groq's, so that the same model elsewhere has an unknown price."""
    return catalogue.cost(model.name, usage) if model.provider == "groq" else None


def resting(model: ChatModel, records: Sequence[CallRecord], now: float) -> str:
    """Why a model is not asked for a while, by records of which the one asked last comes last; empty when it is."""
    own = (r for r in reversed(records) if (r.provider, r.model) == (model.provider, model.name) and r.provider not in FILES)
    tried = (attempt for record in itertools.islice(own, OUT_OF_REACH) for attempt in record.attempts)
    last = sorted(tried, key=lambda a: a.sent_at)[-OUT_OF_REACH:]
    if not last or now - last[-1].sent_at > REST:
        return ""
    if last[-1].outcome == "refused":
        return f"it refused to serve: {last[-1].message}"
    if len(last) == OUT_OF_REACH and all(a.outcome in {"unavailable", "limited", "too_large"} for a in last):
        return f"it gave no answer {OUT_OF_REACH} times in a row: {last[-1].message}"
    return ""
