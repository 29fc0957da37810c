"""Turns the events of a mission into spans, in the run's own trace and for a collector."""

import time
from dataclasses import dataclass

from agent.core import events
from agent.core.artifacts import CallResult
from agent.core.ledger import Ledger
from agent.core.settings import Settings
from agent.core.workspace import Workspace
from agent.models.calls import CallRecord, CallStore
from agent.reporting import span_facts
from agent.reporting.span_senders import sender_of
from agent.reporting.spans import SpanFile

ROUNDING = 1_000_000
"""Nanoseconds by which the time in a commit marker may be too short."""


@dataclass(frozen=True)
class _Open:
    """Something that is going on; `why` it is done."""

    span_id: str
    start: int
    why: str = ""


class TraceListener:
    """Writes a span for whatever ends; what an earlier process ended without writing is made up for when its phase goes on.

    Takes one event at a time; of the calls that run side by side none asks a model.
    """

    def __init__(self, workspace: Workspace, settings: Settings) -> None:
        self._workspace, self._settings = workspace, settings
        self._secrets = (settings.groq_key, settings.openai_key)
        self._sender, self.notice = sender_of(settings.traces)
        self._file = SpanFile(workspace, self._sender.send)
        self._calls = CallStore(workspace.root)
        self._offset = time.time_ns() - time.monotonic_ns()
        self._mission = _Open(self._file.next_id("mission"), self._now())
        self._started = events.MissionStarted("", "", resumed=False)
        self._phases: dict[str, _Open] = {}
        self._actions: dict[str, _Open] = {}
        self._call = ""

    def __call__(self, event: events.Event) -> None:
        """Take one event; progress is for people only."""
        match event:
            case events.MissionStarted():
                self._started = event
            case events.PhaseStarted():
                self._phase(event.phase)
            case events.ActionStarted():
                self._phase(event.phase)
                self._call = event.call_id
                self._actions[self._call] = _Open(self._file.id_of("call", self._call), self._now(), event.why)
            case events.ModelAsked():
                self._asked(event.key)
            case events.ActionFinished():
                self._acted(event)
            case events.GateChecked():
                self._gate(event)
            case events.PhaseFinished():
                self._phase_finished(event)
            case events.MissionFinished():
                self._mission_finished(event)
            case events.ToolProgressed():
                pass

    def _now(self) -> int:
        """A clock that nobody sets back while the process lives."""
        return time.monotonic_ns() + self._offset

    def _phase(self, name: str) -> _Open:
        """The phase that goes on; a resumed process is in the middle of one without having heard of its start."""
        if name not in self._phases:
            self._phases[name] = _Open(self._file.next_id("phase", name), self._now())
            self._make_up(name)
        return self._phases[name]

    def _make_up(self, phase: str) -> None:
        """Spans of this run's calls that were committed when the process was killed, just before their line."""
        for record in Ledger(self._workspace.root).records("call_started"):
            call, start = str(record.data["call"]), int(record.key.rpartition("#")[2])
            if call.startswith(f"{phase}/") and not self._file.holds(self._file.id_of("call", call)) and (marker := self._marker(call)):
                end = start + round(marker.seconds * 1e9)
                for asked in self._calls.all() if marker.tool == "ask_model" else ():
                    if any(start <= attempt.sent_at * 1e9 <= end + ROUNDING for attempt in asked.attempts):
                        self._attempts(asked, self._file.id_of("decision", call))
                self._tool(marker, start, end, "")

    def _marker(self, call: str) -> CallResult | None:
        """The commit marker of a call."""
        try:
            found = self._workspace.read_json(f"results/calls/{call}.json")
            return CallResult.model_validate(found) if found else None
        except ValueError:
            return None

    def _asked(self, key: str) -> None:
        if (record := self._calls.get(key)) and self._call in self._actions:
            self._attempts(record, self._file.id_of("decision", self._call))

    def _attempts(self, record: CallRecord, parent: str) -> None:
        """A span for every attempt that has none; one that was sent and never heard of ended with its process, nobody knows when."""
        for number, attempt in enumerate(record.attempts):
            start = int(attempt.sent_at * 1e9)
            end = start + round(attempt.seconds * 1e9)
            self._file.write(self._file.id_of("chat", record.key, number), parent, start, end, span_facts.chat(record, number))

    def _acted(self, event: events.ActionFinished) -> None:
        if action := self._actions.pop(event.done.call_id, None):
            self._tool(event.done, action.start, self._now(), action.why)

    def _tool(self, marker: CallResult, start: int, end: int, why: str) -> None:
        """A call, and the decision in it."""
        call, parent = self._file.id_of("call", marker.call_id), self._phase(marker.call_id.partition("/")[0]).span_id
        if marker.tool == "ask_model":
            self._file.write(self._file.id_of("decision", marker.call_id), call, start, end, span_facts.decision(marker))
        self._file.write(call, parent, start, end, span_facts.tool(marker, why, self._secrets))

    def _gate(self, event: events.GateChecked) -> None:
        phase, end = self._phase(event.phase), self._now()
        start = end - round(event.seconds * 1e9)
        self._file.write(self._file.next_id("gate", phase.span_id), phase.span_id, start, end, span_facts.gate(event))

    def _phase_finished(self, event: events.PhaseFinished) -> None:
        phase = self._phase(event.phase)
        for record in self._calls.all():  # asked by a process that was killed, and not asked again since
            if record.phase == event.phase:
                self._attempts(record, phase.span_id)
        self._file.write(phase.span_id, self._mission.span_id, phase.start, self._now(), span_facts.phase(event))
        del self._phases[event.phase]

    def _mission_finished(self, event: events.MissionFinished) -> None:
        for record in self._calls.all():
            self._attempts(record, self._mission.span_id)
        run = f"{self._workspace.root.parent.name}/{self._workspace.root.name}"
        facts = span_facts.mission(self._started, event, run, self._settings.providers)
        self._file.write(self._mission.span_id, None, self._mission.start, self._now(), facts)

    def close(self) -> str:
        """Close the file; what the collector did not get, in words."""
        self._file.close()
        return self._sender.close()
