"""A stage of the roadmap as the templates need it: what it reads, the lines of its body, the types of what it gives."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from agent.core.errors import UsageError
from agent.core.operations import Ask, Compute, Decide, Emit, Hear, Lookup, Redact, Rule, Screen, Speak, Validate, Write
from agent.core.workload import FieldSpec, Stage, Workload
from agent.workload.expressions import as_negated_python, as_python, names, type_of
from agent.workload.rendering import quoted

TYPES = {"int": "int", "float": "float", "money": "float", "bool": "bool"}
"""Annotation of a field type; everything else is a text."""


@dataclass(frozen=True)
class StageView:
    """One stage, ready to be written down.

    Attributes:
        cls: name of its class; `cls + "Output"` types its output.
        constant: name of the tuple of its copies' names, empty for a single stage.
        dependencies: Python expression for the stages it comes after; knows `index` in a chain.
        reads: lines that fetch its inputs.
        lines: lines of its body.
        gives: output name to annotation.
        refuses: exceptions that mean that the record must not pass.
        conditional: it may decide to do nothing and is then skipped.
        strikes: faults may name this stage.
    """

    stage: Stage
    cls: str
    constant: str
    dependencies: str
    reads: tuple[str, ...]
    lines: tuple[str, ...]
    gives: Mapping[str, str]
    refuses: tuple[str, ...]
    conditional: str
    strikes: bool


def views(workload: Workload) -> list[StageView]:
    """All stages in declaration order.

    Raises:
        UsageError: an expression uses a name that no direct dependency gives.
    """
    done: dict[str, StageView] = {}
    for stage in workload.stages:
        done[stage.name] = _view(stage, workload, done)
    return list(done.values())


def stage_names(workload: Workload) -> list[str]:
    """Names of all stages of the built pipeline, copies included."""
    return [name for s in workload.stages for name in ([f"{s.name}_{i:03d}" for i in range(s.copies.count)] if s.copies else [s.name])]


def _view(stage: Stage, workload: Workload, done: Mapping[str, StageView]) -> StageView:
    """The view of one stage over those of the stages before it."""
    known = dict(_record_types(workload.fields))
    sources: dict[str, str] = {}
    for upstream in stage.after:
        for output, annotation in done[upstream].gives.items():
            sources[output] = _fetch(output, done[upstream])
            known[output] = f"list[{annotation}]" if _is_wide(done[upstream]) else annotation
            known |= _row_types(output, done[upstream].stage, workload)
    if stage.copies:
        known["index"] = "int"
    gives, lines = _body(stage, workload, known)
    needed = [name for name in _used(stage) if name not in ("record", "index")]
    if missing := [name for name in needed if name not in sources]:
        raise UsageError(
            f"stage {stage.name!r} uses {missing}, which no stage that it comes directly after gives", hint=f"Known: {sorted(known)}."
        )
    chain = stage.copies is not None and stage.copies.arranged == "chain"
    constant = stage.name.upper() if stage.copies else ""
    reads = tuple(
        f"{name} = {_in_chain(name, stage, constant, sources[name]) if chain else sources[name]}" for name in dict.fromkeys(needed)
    )
    if "record" in _used(stage):
        reads = ("record = request.record", *reads)
    return StageView(
        stage=stage,
        cls="".join(part.capitalize() for part in stage.name.split("_")),
        constant=constant,
        dependencies=_dependencies(stage, constant, done),
        reads=reads,
        lines=tuple("\n".join(lines).split("\n")),
        gives=gives,
        refuses=_refuses(stage),
        conditional={"write": "written", "emit": "emitted"}.get(stage.does.op, "") if getattr(stage.does, "when", "") else "",
        strikes=any(fault.stage == stage.name for fault in workload.faults),
    )


def _is_wide(view: StageView) -> bool:
    """Whether it stands for copies side by side."""
    return view.stage.copies is not None and view.stage.copies.arranged == "wide"


def _fetch(output: str, view: StageView) -> str:
    """Python expression for an output of an upstream stage."""
    if not view.constant:
        return f'upstream["{view.stage.name}"]["{output}"]'
    if _is_wide(view):
        return f'[upstream[name]["{output}"] for name in {view.constant}]'
    return f'upstream[{view.constant}[-1]]["{output}"]'


def _in_chain(output: str, stage: Stage, constant: str, first: str) -> str:
    """The same inside of a chain: from the link before, from the outside for the first link."""
    if output not in _own(stage):
        raise UsageError(f"stage {stage.name!r}: a chain may only use what it gives itself, not {output!r}")
    return f'upstream[{constant}[index - 1]]["{output}"] if index else {first}'


def _dependencies(stage: Stage, constant: str, done: Mapping[str, StageView]) -> str:
    """The tuple of names that a stage comes after."""
    parts = [
        f"*{done[n].constant}" if _is_wide(done[n]) else f"{done[n].constant}[-1]" if done[n].constant else quoted(n) for n in stage.after
    ]
    comma = "," if len(parts) == 1 else ""
    outside = f"({', '.join(parts)}{comma})"
    if stage.copies and stage.copies.arranged == "chain":
        return f"({constant}[index - 1],) if index else {outside}"
    return outside


def _own(stage: Stage) -> list[str]:
    """Names that a computing stage gives."""
    return list(stage.does.values) if isinstance(stage.does, Compute) else []


def _record_types(fields: tuple[FieldSpec, ...], prefix: str = "record") -> Iterator[tuple[str, str]]:
    """Annotations of `record.<field>`."""
    return ((f"{prefix}.{f.name}", TYPES.get(f.type, "str")) for f in fields)


def _row_types(output: str, stage: Stage, workload: Workload) -> dict[str, str]:
    """Annotations of the fields of a looked-up row."""
    if not isinstance(stage.does, Lookup) or stage.does.into != output:
        return {}
    return dict(_record_types(workload.service(stage.does.service).fields, output))


def _expressions(stage: Stage) -> list[str]:
    """Every expression of a stage."""
    match stage.does:
        case Validate():
            return []
        case Lookup(key=key):
            return [key]
        case Compute(values=values):
            return list(values.values())
        case Decide(rules=rules):
            return [rule.when for rule in rules]
        case Redact(text=text) | Screen(text=text) | Hear(text=text) | Speak(text=text):
            return [text]
        case Ask(prompt=prompt):
            return [prompt]
        case Write(key=key, payload=payload, when=when):
            return [key, *payload.values(), *([when] if when else [])]
        case Emit(fields=fields, when=when):
            return [*fields.values(), *([when] if when else [])]
    assert_never(stage.does)


def _used(stage: Stage) -> list[str]:
    """Names that a stage's expressions need from outside, in order of first use; computed names only before they are given."""
    given: set[str] = set()
    found: dict[str, None] = {}
    own = _own(stage)
    for position, expression in enumerate(_expressions(stage)):
        found |= {name: None for name in sorted(names(expression)) if name not in given}
        if own and not (stage.copies and stage.copies.arranged == "chain"):
            given.add(own[position])
    return list(found)


def _refuses(stage: Stage) -> tuple[str, ...]:
    """Exceptions by which the body refuses a record."""
    match stage.does:
        case Validate() | Screen():
            return ("Rejected",)
        case Lookup():
            return ("RowNotFound",)
        case _:
            return ()


def _body(stage: Stage, workload: Workload, known: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """What the stage gives, and its lines."""
    match stage.does:
        case Validate():
            return {"valid": "bool"}, [
                "if found := problems(request.record, FIELDS, TENANTS, FORBIDDEN):",
                "    raise Rejected(found)",
                'return {"valid": True}',
            ]
        case Lookup(service=service, key=key, into=into):
            return {into: "dict[str, Any]"}, [
                f"{into} = await services.{service}.lookup({as_python(key)}, request.caller)",
                f'return {{"{into}": {into}}}',
            ]
        case Compute(values=values):
            types = dict(known)
            lines = []
            for name, expression in values.items():
                types[name] = type_of(expression, types)
                lines.append(f"{name} = {as_python(expression)}")
            return {name: types[name] for name in values}, [*lines, f"return {_mapping({name: name for name in values})}"]
        case Decide(rules=rules, otherwise=otherwise, into=into):
            return {into: "str"}, [*_branches(rules, otherwise, into), f'return {{"{into}": {into}}}']
        case Redact(text=text, into=into, patterns=patterns):
            return {into: "str"}, [f'return {{"{into}": redacted({as_python(text)}, {_phrases(patterns)})}}']
        case Screen(text=text, forbid=forbid):
            return {"screened": "bool"}, [
                f"if contains({as_python(text)}, {_phrases(forbid)}):",
                '    raise Rejected(["the text has a forbidden phrase"])',
                'return {"screened": True}',
            ]
        case Ask(service=service, prompt=prompt, into=into):
            return {into: "str"}, [
                f"{into} = await services.{service}.ask({as_python(prompt)}, request.caller)",
                f'return {{"{into}": {into}}}',
            ]
        case Hear(text=text, into=into) | Speak(text=text, into=into):
            function = "heard" if stage.does.op == "hear" else "spoken"
            return {into: "str"}, [f'return {{"{into}": await {function}({as_python(text)}, request)}}']
        case Write():
            return {"written": "bool", "receipt": "str"}, _write_lines(stage.does)
        case Emit(event=event, fields=fields, when=when):
            return {"emitted": "bool"}, [
                *_unless(when, '{"emitted": False}'),
                f"request.emit({quoted(event)}, {_mapping(fields)})",
                'return {"emitted": True}',
            ]
    assert_never(stage.does)


def _phrases(forbid: tuple[str, ...]) -> str:
    """A tuple of phrases as source."""
    comma = "," if len(forbid) == 1 else ""
    return f"({', '.join(map(quoted, forbid))}{comma})"


def _mapping(values: Mapping[str, str]) -> str:
    """Named expressions as a dictionary's source, one a line when there are many."""
    pairs = [f'"{name}": {as_python(expression)}' for name, expression in values.items()]
    text = "{" + ", ".join(pairs) + "}"
    return text if len(text) < 60 else "{\n    " + "\n    ".join(f"{pair}," for pair in pairs) + "\n}"


def _unless(when: str, result: str) -> list[str]:
    """Early return when the condition does not hold."""
    return [f"if {as_negated_python(when)}:", f"    return {result}"] if when else []


def _write_lines(write: Write) -> list[str]:
    """Body of a write under an idempotency key."""
    return [
        *_unless(write.when, '{"written": False, "receipt": ""}'),
        f"payload = {_mapping(write.payload)}",
        f'receipt = await services.{write.service}.write("{write.operation}", {as_python(write.key)}, payload, request.caller)',
        'return {"written": True, "receipt": receipt}',
    ]


def _branches(rules: tuple[Rule, ...], otherwise: str, into: str) -> list[str]:
    """An if-chain."""
    lines: list[str] = []
    for position, rule in enumerate(rules):
        lines += [f"{'elif' if position else 'if'} {as_python(rule.when)}:", f"    {into} = {quoted(rule.decision)}"]
    return [*lines, "else:", f"    {into} = {quoted(otherwise)}"]


def dag_lines(workload: Workload) -> list[str]:
    """The graph in words, one stage a line."""
    lines = []
    for stage in workload.stages:
        copies = f" x {stage.copies.count} {'side by side' if stage.copies.arranged == 'wide' else 'in a row'}" if stage.copies else ""
        lines.append(f"{stage.name}{copies} [{stage.kind}] after {', '.join(stage.after) or 'nothing'}: {stage.purpose}")
    return lines


def as_fields(workload: Workload) -> list[dict[str, Any]]:
    """The record fields as arguments of the lab's `Field`."""
    rows = []
    for f in workload.fields:
        row: dict[str, Any] = {"name": f.name, "type": f.type if f.type != "ref" else "text"}
        row |= {"low": f.low, "high": f.high} if f.low is not None else {}
        row |= {"choices": f.choices} if f.choices else {}
        row |= {"prefix": f.prefix} if f.prefix else {}
        row |= {"longest": f.longest} if f.type in ("text", "ref") else {}
        rows.append(row)
    return rows
