"""What must happen when a stage graph runs, as far as the documentation promises it: an event simulation that knows no stageflow.

Time is counted in µs and nothing is awaited. Where two things that decide how the run goes on happen in the same moment, or the
documentation is silent, the course says why in `unclear` and nothing is compared.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from components.lab.dag_case import (
    ENDLESS,
    FOREVER,
    RECORDERS,
    TRANSIENT,
    Course,
    DagCase,
    Script,
    delay_before_retry,
    read_case,
    reply_of,
    skip_reasons,
    summary,
)


@dataclass
class Turn:
    """One execution of a stage's own code: it begins, half-way it notes what it has to, it stops by itself or is cut short."""

    execution: int
    begins: int
    notes: int
    stops: int
    cut: int = FOREVER


@dataclass
class Spell:
    """One call of a stage through the interceptors: its turns, and the status (`ok`, `skip`, `cancel`, `fail`, `raise`), text and data
    that it comes to at `stop`.
    """

    script: Script
    stop: int
    status: str = "ok"
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)


def promised_course(params: Mapping[str, Any], level: int = 0) -> Course:
    """The course that a case has to take; `level` is its depth among nested runs."""
    return Simulation(read_case(params), level).run()


class Simulation:
    """One run of a case, from event to event."""

    def __init__(self, case: DagCase, level: int) -> None:
        self.case = case
        self.level = level
        self.course = Course()
        self.executions: Counter[str] = Counter()
        self.outputs: dict[str, tuple[str, dict[str, Any]]] = {}
        self.final: set[str] = set()
        self.refusals: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self.waiting: dict[str, list[str]] = defaultdict(list)
        self.queue: list[tuple[int, int, Spell]] = []
        self.spells: list[Spell] = []
        self.over = False

    def run(self) -> Course:
        """Play it to its end."""
        for script in self.case.stages.values():
            if not script.after:
                self.start(script, 0)
        last = -1
        while self.queue and not self.over and not self.cancelled_before(self.queue[0][0]):
            moment, _, spell = heapq.heappop(self.queue)
            if moment >= FOREVER or len(self.spells) > ENDLESS:
                self.course.unclear = "the run never ends"
                break
            if spell.status in ("fail", "raise", "cancel") and (last == moment or (self.queue and self.queue[0][0] == moment)):
                self.course.unclear = "two stages end in the moment that ends the run"
            self.settle(spell, moment)
            last = moment
        self.write_up()
        return self.course

    def start(self, script: Script, moment: int) -> None:
        """A stage whose dependencies have ended begins."""
        spell = self.spell_of(script, moment)
        self.spells.append(spell)
        heapq.heappush(self.queue, (spell.stop, len(self.spells), spell))

    def spell_of(self, script: Script, moment: int) -> Spell:
        """What the interceptors and the stage make of a call."""
        given = {name: self.outputs[name] for name in script.after}
        if script.conditional and (reasons := skip_reasons(given)):
            return Spell(script, moment, "skip", reasons[0], {"reason": reasons[0]})
        answer = self.case.layer("answer")
        if answer and answer[2] == script.name:
            return Spell(script, moment, "ok", "", {"made_by": "interceptor"})
        retry = self.case.layer("retry")
        most = retry[2] if retry else 1
        spell = Spell(script, moment)
        saw = {name: summary(*output) for name, output in given.items()}
        for number in range(1, most + 1):
            self.turn(spell, saw)
            if spell.text == "time-out" and number < most:
                self.course.unclear = "a time-out is retried"
            if spell.status != "raise" or spell.text not in TRANSIENT or number == most:
                break
            spell.stop += delay_before_retry(number, *retry[3:]) if retry else 0
        return spell

    def turn(self, spell: Spell, saw: dict[str, str]) -> None:
        """The stage's own code runs once, from `spell.stop` on."""
        script, begins, limit = spell.script, spell.stop, self.case.time_limit() or FOREVER
        self.executions[script.name] += 1
        execution = self.executions[script.name]
        label = f"{script.name}#{execution}"
        self.course.starts[label], self.course.saw[label] = begins, saw
        if script.form == "class":
            self.course.ages[label] = 1
        spell.status, spell.text, spell.data = reply_of(script, execution)
        works = begins
        if script.child is not None:
            child = self.child_course(label, script.child)
            works += child.at
            spell.data = {**spell.data, "child": child.ends == "ok"} if spell.status == "ok" else spell.data
        turn = Turn(execution, begins, works + script.notes_after(execution), works + script.duration(execution))
        if turn.stops > begins + limit:
            turn.cut = begins + limit
            spell.status, spell.text, spell.data = "raise", "time-out", {}
        spell.stop = min(turn.stops, turn.cut)
        spell.turns.append(turn)

    def child_course(self, label: str, child: Mapping[str, Any]) -> Course:
        """The course of a sub-pipeline, with times from its own start; refused when it would be nested too deep."""
        course = Course(ends="too deep")
        if self.level < self.case.depth:
            course = promised_course({**child, "depth": self.case.depth}, self.level + 1)
        self.course.children[label] = course
        self.course.unclear = self.course.unclear or course.unclear
        return course

    def settle(self, spell: Spell, moment: int) -> None:
        """A stage has come to its end: what follows from it."""
        name = spell.script.name
        if not (spell.script.conditional and not spell.turns):
            self.course.calls[name] = promised_calls(self.case, name, spell.status)
        if spell.status != "raise":
            self.outputs[name] = spell.status, dict(spell.data)
            self.tell("stage.wide", stage=name)
        if spell.status == "skip":
            self.tell(f"stage.{name}.skipped", reason=spell.text)
        if spell.status == "fail" and name in self.case.guards and self.may_retry(name, spell, moment):
            return
        if spell.status in ("fail", "raise", "cancel"):
            self.end("cancelled" if spell.status == "cancel" else "failed", moment, name, spell.text)
            return
        if told := self.refusals.pop(name, []):
            self.tell("guard_retry.recovered", guard=name, attempts=len(told))
        for guard in self.waiting.pop(name, []):
            self.start(self.case.stages[guard], moment)
        if name not in self.final:
            self.final.add(name)
            for script in self.case.stages.values():
                if name in script.after and self.final.issuperset(script.after):
                    self.start(script, moment)
        if len(self.final) == len(self.case.stages):
            self.end("ok", moment)

    def may_retry(self, guard: str, spell: Spell, moment: int) -> bool:
        """A guard has refused: start the stage it judges once more, unless the policy says that it was enough."""
        policy = self.case.guards[guard]
        told = self.refusals[guard]
        told.append((moment, repr(sorted(spell.data.items()))))
        self.tell("guard_retry.attempt", guard=guard, attempt=len(told))
        repeats = 0
        while repeats + 1 < len(told) and told[-1 - repeats][1] == told[-2 - repeats][1]:
            repeats += 1
        enough = len(told) >= policy.get("max_attempts", 2) or repeats >= policy.get("stagnation_limit", 2)
        limit = policy.get("timeout_seconds")
        if enough or (limit is not None and moment - told[0][0] >= limit * 1_000_000):
            self.tell("guard_retry.exhausted", guard=guard, attempts=len(told))
            return False
        self.tell("guard_retry.scheduled", guard=guard, attempt=len(told))
        self.waiting[policy["retry_stage"]].append(guard)
        if len(self.waiting[policy["retry_stage"]]) == 1:
            self.start(self.case.stages[policy["retry_stage"]], moment)
        return True

    def cancelled_before(self, moment: int) -> bool:
        """Whether the context is cancelled before that moment; then the run ends, at the latest when the next thing happens in it."""
        if self.case.cancel_at is None or self.case.cancel_at * 1000 > moment:
            return False
        at = self.case.cancel_at * 1000
        self.end("cancelled", at, "", "called off")
        if len(self.final) + len(self.queue) == len(self.case.stages):
            self.course.may_end = ("ok",)  # nothing is left to be started
        if at == moment:
            self.course.unclear = "a stage ends in the moment of the cancellation"
        polls = [next_poll(spell, at) for _, _, spell in self.queue]
        self.course.latest = min([moment, *polls])
        return True

    def end(self, how: str, moment: int, stage: str = "", why: str = "") -> None:
        """The run is over."""
        self.over = True
        self.course.ends, self.course.by, self.course.why, self.course.at = how, stage, why, moment
        self.tell("pipeline.wide", status="completed" if how == "ok" else how, stages=len(self.outputs))

    def tell(self, kind: str, **data: Any) -> None:
        """An event is due."""
        self.course.events.append((kind, data))

    def write_up(self) -> None:
        """Fill in what follows from the turns, without what would have happened after the end."""
        course, noted = self.course, []
        for script, turn in [(spell.script, turn) for spell in self.spells for turn in spell.turns]:
            label, ends = f"{script.name}#{turn.execution}", min(turn.cut, course.at)
            if turn.begins > course.at:
                del course.starts[label], course.saw[label]
                course.children.pop(label, None)
                continue
            if turn.notes <= ends and (script.notes or script.cleanups):
                noted.append((turn.notes, script, turn.execution))
            if turn.stops <= ends:
                course.stops[label] = turn.stops
            elif label in course.children:
                course.unclear = "a stage is stopped whose sub-pipeline is working"
            elif script.tidy:
                course.tidied.append(label)
        moments = [moment for moment, _, _ in noted]
        if len(set(moments)) < len(moments) or course.at in moments:
            course.unclear = "two stages note something in the same moment"
        for _, script, execution in sorted(noted, key=lambda row: row[0]):
            course.notes += script.notes_of(execution)
            course.cleanups = script.pledges(execution)[::-1] + course.cleanups
        course.results = self.outputs


def promised_calls(case: DagCase, stage: str, status: str) -> list[str]:
    """What the recording interceptors are asked for a stage, in order; without calls about which nothing is promised."""
    rows = sorted((row[1], row[0]) for row in case.stack)
    answers = [row[1] for row in case.stack if row[0] == "answer" and row[2] == stage]
    inward = [(priority, kind) for priority, kind in rows if priority < min(answers, default=10**9) and kind in RECORDERS]
    outward = [priority for priority, kind in reversed(inward) if kind != "raise before"]
    errors = [f"error {priority}" for priority in outward] if status == "raise" else []
    return [*(f"before {priority}" for priority, _ in inward), *errors, *(f"after {priority}" for priority in outward)]


def next_poll(spell: Spell, moment: int) -> int:
    """When a spell looks at its cancellation next, after that moment; FOREVER when it does not."""
    turn = spell.turns[-1] if spell.turns else None
    if turn is None or spell.script.act_of(turn.execution)[0] != "polls":
        return FOREVER
    step = (turn.stops - turn.begins) // int(spell.script.act_of(turn.execution)[1])
    return turn.begins + -(-(moment - turn.begins + 1) // step) * step
