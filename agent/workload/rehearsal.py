"""Plays records through an entry's stages in plain Python, without generated code or faults: do stages and golden rule agree?"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never

from agent.core.operations import Ask, Compute, Decide, Emit, Hear, Lookup, Redact, Screen, Speak, Validate, Write
from agent.core.roadmap import Entry
from agent.core.workload import Service, Stage, Workload
from agent.workload.datasets import edges, happy
from agent.workload.expressions import contains, evaluate
from agent.workload.golden import Rows
from agent.workload.values import reference
from components.lab.records import redacted

LEAST_EFFECTS = 3
"""How often each effect has to occur among the happy records, so that tests of it have something to look at."""


class Refused(Exception):
    """A stage refused the record."""


@dataclass
class Playing:
    """One record on its way: outputs by stage, copies numbered, and the writes that were made."""

    workload: Workload
    record: Mapping[str, Any]
    rows: Rows
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    effects: list[list[str]] = field(default_factory=list)


def problems_of(entry: Entry, seed: int = 1) -> list[str]:
    """What is wrong with an entry's workload as its own records show it; empty when all is well."""
    rows = reference(entry.workload)
    ordinary = list(happy(entry, seed, rows))
    found = [line for item in (*ordinary, *edges(entry, seed, rows)) for line in disagreements(entry.workload, item, rows)]
    decisions = Counter(item["expected"]["decision"] for item in ordinary)
    golden = entry.workload.golden
    found += [
        f"no happy record is decided as {name!r}" for name in {*(r.decision for r in golden.decide), golden.otherwise} - set(decisions)
    ]
    made = Counter((effect[0], effect[1]) for item in ordinary for effect in item["expected"]["effects"])
    for effect in golden.effects:
        if made[effect.service, effect.operation] < LEAST_EFFECTS:
            found.append(f"{effect.service}/{effect.operation} is asked for by fewer than {LEAST_EFFECTS} happy records")
    return found


def disagreements(workload: Workload, item: Mapping[str, Any], rows: Rows) -> list[str]:
    """Where the stages differ from the golden answer for one record."""
    record, expected = item["record"], item["expected"]
    name = f"{record[workload.id_field]} ({expected['why']})"
    playing = Playing(workload, record, rows)
    try:
        for stage in workload.stages:
            play(stage, playing)
    except Refused as refusal:
        return [f"{name} is refused: {refusal}"]
    wanted = {workload.decision: expected["decision"], **expected["outputs"]}
    found = []
    for place, value in wanted.items():
        stage_name, _, key = place.partition(".")
        got = playing.outputs.get(stage_name, {}).get(key)
        if not alike(got, value):
            found.append(f"{name}: {place} = {got!r}, golden {value!r}")
    if sorted(playing.effects) != sorted(expected["effects"]):
        found.append(f"{name}: writes {sorted(playing.effects)}, golden {sorted(expected['effects'])}")
    return found


def alike(got: Any, value: Any) -> bool:
    """Equal and of one type; floats to nine digits."""
    if isinstance(value, float) and isinstance(got, float):
        return math.isclose(got, value, rel_tol=1e-9, abs_tol=1e-9)
    return type(got) is type(value) and bool(got == value)


def play(stage: Stage, playing: Playing) -> None:
    """Run one stage, or all its copies."""
    outside = dict(inputs(stage, playing))
    if stage.copies is None:
        playing.outputs[stage.name] = done(stage, playing, outside)
        return
    before: dict[str, Any] = {}
    for index in range(stage.copies.count):
        values = {**outside, **before, "index": index}
        found = playing.outputs[f"{stage.name}_{index:03d}"] = done(stage, playing, values)
        before = found if stage.copies.arranged == "chain" else {}


def inputs(stage: Stage, playing: Playing) -> Iterator[tuple[str, Any]]:
    """What the expressions of a stage may use: the record, and the outputs of the stages before it."""
    yield "record", playing.record
    by_name = {known.name: known for known in playing.workload.stages}
    for upstream in (by_name[name] for name in stage.after):
        if upstream.copies is None:
            yield from playing.outputs[upstream.name].items()
            continue
        copies = [playing.outputs[f"{upstream.name}_{index:03d}"] for index in range(upstream.copies.count)]
        if upstream.copies.arranged == "chain":
            yield from copies[-1].items()
        else:
            yield from ((key, [copy[key] for copy in copies]) for key in copies[0])


def done(stage: Stage, playing: Playing, values: dict[str, Any]) -> dict[str, Any]:
    """The output of a stage over these values."""
    match stage.does:
        case Validate(forbid=forbid):
            return refuse_phrases(playing, forbid)
        case Lookup(service=service, key=key, into=into):
            return {into: fetched(service, evaluate(key, values), playing)}
        case Compute(values=computed):
            return worked_out(computed, values)
        case Decide(rules=rules, otherwise=otherwise, into=into):
            return {into: next((rule.decision for rule in rules if evaluate(rule.when, values)), otherwise)}
        case Redact(text=text, into=into, patterns=patterns):
            return {into: redacted(evaluate(text, values), patterns)}
        case Screen(text=text, forbid=forbid):
            return screened(evaluate(text, values), forbid)
        case Ask(service=service, prompt=prompt, into=into):
            return {into: reply(playing.workload.service(service), evaluate(prompt, values))}
        case Hear(text=text, into=into) | Speak(text=text, into=into):
            return {into: evaluate(text, values)}
        case Write():
            return {"written": written(stage.does, playing, values)}
        case Emit(when=when):
            return {"emitted": not when or evaluate(when, values)}
    assert_never(stage.does)


def fetched(service: str, key: Any, playing: Playing) -> Mapping[str, Any]:
    """The tenant's row; `Refused` when there is none."""
    if (row := playing.rows[service].get((playing.record["tenant"], key))) is None:
        raise Refused(f"{service} has no such row")
    return row


def worked_out(computed: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    """Named expressions, in order."""
    own = dict(values)
    for name, expression in computed.items():
        own[name] = evaluate(expression, own)
    return {name: own[name] for name in computed}


def screened(text: str, forbid: tuple[str, ...]) -> dict[str, Any]:
    """Pass, or `Refused` when the text has a forbidden phrase."""
    if contains(text, list(forbid)):
        raise Refused("the text has a forbidden phrase")
    return {"screened": True}


def refuse_phrases(playing: Playing, forbid: tuple[str, ...]) -> dict[str, Any]:
    """Pass, or `Refused` when a text of the record has a forbidden phrase."""
    for spec in playing.workload.fields:
        if forbid and spec.type == "text":
            screened(playing.record[spec.name], forbid)
    return {"valid": True}


def reply(service: Service, prompt: str) -> str:
    """What the mock of a language model answers."""
    lowered = prompt.lower()
    for answer in (*service.obeys, *service.replies):
        if any(phrase.lower() in lowered for phrase in answer.contains):
            return answer.reply
    return service.otherwise


def written(write: Write, playing: Playing, values: dict[str, Any]) -> bool:
    """Make a write when its condition holds; its payload has to be computable."""
    if write.when and not evaluate(write.when, values):
        return False
    for expression in write.payload.values():
        evaluate(expression, values)
    playing.effects.append([write.service, write.operation, str(evaluate(write.key, values))])
    return True
