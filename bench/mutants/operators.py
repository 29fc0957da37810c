"""The small realistic faults: every operator looks at one node of the syntax tree and yields changes."""

import ast
import re
from collections.abc import Callable, Iterator, Sequence

from bench.mutants.source import Change, Edit, Source

Operator = Callable[[ast.AST, Source, "Enums"], Iterator[Change | None]]
Enums = dict[str, list[str]]
"""Name of an enumeration of the target -> its members."""

BOUNDARIES = {ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">")}
NEGATIONS = {ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.In: (" in ", " not in "), ast.NotIn: (" not in ", " in ")}
STATUSES = {"completed": "failed", "failed": "completed", "success": "failed", "error": "success", "skipped": "completed"}
SWAPS = {"min": "max", "max": "min", "any": "all", "all": "any"}
COPIES = {"deepcopy", "copy", "dict", "list", "set", "tuple", "frozenset", "MappingProxyType"}
CLEANERS = {"lower", "strip", "rstrip", "lstrip", "upper", "casefold"}
KEYED = {"get", "pop", "setdefault", "getattr", "hasattr"}
REPEATABLE = re.compile(r"emit|append|add|put|record|register|increment|send|extend|execute|write|publish")
NAMED = re.compile(r"(^|_)(name|key)$")


def call_name(node: ast.AST) -> str:
    """The last part of the name of what is called; empty for anything but a call."""
    func = node.func if isinstance(node, ast.Call) else None
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def misspelt(key: str) -> str:
    """Nearly the same key."""
    return key[:-1] if key.endswith("s") else f"{key}s"


def comparisons(node: ast.AST, source: Source, enums: Enums) -> Iterator[Change | None]:
    """A bound off by one, a comparison negated, None confused with empty."""
    if not isinstance(node, ast.Compare):
        return
    for left, op, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
        if type(op) in BOUNDARIES:
            yield source.between("off-by-one", left, right, *BOUNDARIES[type(op)])
        if type(op) in NEGATIONS:
            yield source.between("negated-condition", left, right, *NEGATIONS[type(op)])
    if len(node.ops) == 1 and isinstance(node.ops[0], ast.Is | ast.IsNot) and source.text(node.comparators[0]) == "None":
        positive = isinstance(node.ops[0], ast.IsNot)
        value = source.text(node.left)
        yield source.replace("none-or-empty", node, f"{value}" if positive else f"(not {value})")
        yield source.between(
            "negated-condition", node.left, node.comparators[0], *((" is not ", " is ") if positive else (" is ", " is not "))
        )


def conditions(node: ast.AST, source: Source, enums: Enums) -> Iterator[Change | None]:
    """A check dropped or negated, and/or confused, half of a condition lost."""
    if isinstance(node, ast.If | ast.IfExp):
        yield source.replace("dropped-check", node.test, "False")
        if not isinstance(node.test, ast.Compare):
            yield source.replace("negated-condition", node.test, f"not ({source.text(node.test)})")
    if isinstance(node, ast.BoolOp):
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        yield source.between("and-or", node.values[0], node.values[1], old, new)
        yield source.replace("condition-weakened", node, source.text(node.values[0]))
        yield source.replace("condition-weakened", node, source.text(node.values[-1]))


def arithmetic(node: ast.AST, source: Source, enums: Enums) -> Iterator[Change | None]:
    """A wrong formula, a unit forgotten, a counter overwritten instead of counted."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        if any(
            isinstance(side, ast.JoinedStr | ast.List) or isinstance(getattr(side, "value", None), str) for side in (node.left, node.right)
        ):
            return
        unit = source.text(node.right) in {"1000", "1000.0", "1_000"}
        yield source.replace("unit" if unit else "wrong-formula", node, source.text(node.left))
        if isinstance(node.op, ast.Add | ast.Sub):
            yield source.between("wrong-formula", node.left, node.right, *("+-" if isinstance(node.op, ast.Add) else "-+"))
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
        old = "+=" if isinstance(node.op, ast.Add) else "-="
        yield source.between("count-lost", node.target, node.value, old, "=")


def constants(node: ast.AST, source: Source, enums: Enums) -> Iterator[Change | None]:
    """A number off by one, a flag turned over, another member of an enumeration, another status."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        yield source.replace("wrong-number", node, str(node.value + 1 if node.value < 10 else node.value * 10))
    if isinstance(node, ast.keyword | ast.Assign | ast.Return) and isinstance(node.value, ast.Constant):
        value = node.value.value
        if isinstance(value, bool):
            yield source.replace("flag-flipped", node.value, str(not value))
        if isinstance(value, str) and value in STATUSES:
            yield source.replace("status-changed", node.value, repr(STATUSES[value]))
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in enums.get(node.value.id, ()):
        members = enums[node.value.id]
        yield source.replace("wrong-member", node, f"{node.value.id}.{members[(members.index(node.attr) + 1) % len(members)]}")


def defaults(node: ast.AST, source: Source, enums: Enums) -> Iterator[Change | None]:
    """Another default of an argument; a default value shared by all instances."""
    if isinstance(node, ast.arguments):
        for value in [*node.defaults, *filter(None, node.kw_defaults)]:
            if isinstance(value, ast.Constant) and isinstance(value.value, bool):
                yield source.replace("wrong-default", value, str(not value.value))
            elif isinstance(value, ast.Constant) and isinstance(value.value, float):
                yield source.replace("wrong-default", value, repr(value.value / 1000))
    if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, bool):
        yield source.replace("wrong-default", node.value, str(not node.value.value))
    if call_name(node) == "field" and isinstance(node, ast.Call):
        for word in node.keywords:
            if word.arg == "default_factory" and source.text(word.value) not in {"tuple", "frozenset"}:
                yield source.replace("shared-default", word.value, f"lambda shared=({source.text(word.value)})(): shared")


def keys(node: ast.AST, source: Source, enums: Enums) -> Iterator[Change | None]:
    """A key renamed on one side only, or cut off."""
    slots: Sequence[ast.expr | None] = []
    if isinstance(node, ast.Dict):
        slots = node.keys
    elif isinstance(node, ast.Subscript):
        slots = [node.slice]
        if isinstance(node.ctx, ast.Store) and NAMED.search(source.text(node.slice)):
            yield source.replace("key-truncated", node.slice, f"{source.text(node.slice)}[:16]")
    elif isinstance(node, ast.Call) and call_name(node) in KEYED:
        slots = node.args[:1] if isinstance(node.func, ast.Attribute) else node.args[1:2]
    elif isinstance(node, ast.Call) and "emit" in call_name(node):
        slots = [*node.args[:1], *(word.value for word in node.keywords if word.arg == "type")]
    for slot in slots:
        if isinstance(slot, ast.Constant) and isinstance(slot.value, str):
            yield source.replace("key-renamed", slot, repr(misspelt(slot.value)))
        elif isinstance(slot, ast.JoinedStr):
            yield source.replace("key-renamed", slot, source.text(slot).replace("{", "_{", 1))


def statements(node: ast.AST, source: Source, enums: Enums) -> Iterator[Change | None]:
    """A statement dropped or done twice, a lock not taken, an error swallowed."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Await):
        yield source.replace("dropped-statement", node, "pass")
        call = node.value.value if isinstance(node.value, ast.Await) else node.value
        if REPEATABLE.search(call_name(call)):
            yield source.replace("done-twice", node, f"{source.text(node)}\n{' ' * node.col_offset}{source.text(node)}")
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute | ast.Subscript):
        yield source.replace("assignment-lost", node, "pass")
    if isinstance(node, ast.AugAssign | ast.Delete):
        yield source.replace("dropped-statement", node, "pass")
    if isinstance(node, ast.With | ast.AsyncWith) and "lock" in source.text(node.items[-1].context_expr).lower():
        waits = any(isinstance(part, ast.Await) for part in ast.walk(ast.Module(node.body, [])))
        if waits or isinstance(node, ast.With):  # nothing comes between in a coroutine that does not wait
            yield Change("lock-removed", (Edit(source.start(node), source.end(node.items[-1].context_expr), "if True"),))
    if isinstance(node, ast.Raise):
        yield source.replace("swallowed-error", node, "pass")


def handlers(node: ast.AST, source: Source, enums: Enums) -> Iterator[Change | None]:
    """Too much or too little is caught."""
    if isinstance(node, ast.ExceptHandler) and node.type is not None:
        caught = source.text(node.type)
        if caught in {"Exception", "BaseException"}:
            yield source.replace("caught-less", node.type, "ValueError")
        elif "Cancel" not in caught:
            yield source.replace("caught-more", node.type, "Exception")


def calls(node: ast.AST, source: Source, enums: Enums) -> Iterator[Change | None]:
    """Another function of the same family: order, copies, clean-up of text, time."""
    if not isinstance(node, ast.Call):
        return
    name, first = call_name(node), source.text(node.args[0]) if node.args else ""
    if isinstance(node.func, ast.Name) and name in SWAPS and node.args:
        yield source.replace("min-max", node.func, SWAPS[name])
    if name in COPIES and len(node.args) == 1 and isinstance(node.args[0], ast.Name | ast.Attribute):
        yield source.replace("copy-dropped", node, first)
    if name in {"sorted", "reversed"} and first:
        yield source.replace("order", node, f"list({first})")
    if name == "sorted" and "reverse" not in source.text(node):
        yield source.replace("order", node, f"{source.text(node)}[::-1]")
    if (name == "int" and first) or (name == "round" and first):
        yield source.replace("wrong-formula", node, f"({first})")
    if name == "wait_for" and first:
        yield source.replace("limit-ignored", node, first)
    if isinstance(node.func, ast.Attribute):
        yield from methods(node, node.func, source)
    for word in node.keywords:
        yield from durations(word, source)


def methods(node: ast.Call, func: ast.Attribute, source: Source) -> Iterator[Change | None]:
    """As `calls`, for methods."""
    owner = source.text(func.value)
    arguments = [source.text(argument) for argument in node.args]
    if (func.attr == "copy" and not arguments) or func.attr in CLEANERS:
        yield source.replace("copy-dropped" if func.attr == "copy" else "cleaning-dropped", node, owner)
    if func.attr in {"pop", "popleft"} and (arguments == ["0"] or func.attr == "popleft"):
        yield source.replace("order", node, f"{owner}.pop()")
    if func.attr == "pop" and len(arguments) == 2:
        yield source.replace("never-removed", node, f"{owner}.get({', '.join(arguments)})")
    if func.attr == "append" and arguments:
        yield source.replace("order", node, f"{owner}.insert(0, {arguments[0]})")
    if func.attr == "isoformat" and not arguments:
        yield source.replace("lossy", node, f'{owner}.isoformat(timespec="seconds")')
    if func.attr == "fromisoformat":
        yield source.replace("lossy", node, f"{source.text(node)}.replace(tzinfo=None)")
    if func.attr == "total_seconds":
        yield source.replace("lossy", node, f"{owner}.seconds")
    if owner.endswith("StageOutput") and func.attr in {"fail", "cancel", "skip"}:
        yield source.replace("status-changed", func, f"{owner}.ok")
    if func.attr == "sleep" and arguments:
        yield source.replace("unit", node.args[0], f"({arguments[0]}) / 1000")


def durations(word: ast.keyword, source: Source) -> Iterator[Change | None]:
    """A time handed on in another unit; a limit or setting not handed on."""
    value = source.text(word.value)
    if word.arg in {"timeout", "ttl", "timeout_seconds"} and value != "None":
        yield source.replace("unit", word.value, f"{value} and {value} / 1000")
    if word.arg in {"seconds", "milliseconds"}:
        yield source.replace("unit", word, f"{'milliseconds' if word.arg == 'seconds' else 'seconds'}={value}")
    if word.arg in {"maxsize", "maxlen", "timeout", "max_size"} and value != "None":
        yield source.replace("limit-ignored", word.value, "0" if word.arg == "maxsize" else "None")


def identifiers(node: ast.AST, source: Source, enums: Enums) -> Iterator[Change | None]:
    """An id lost on its way, or the neighbour's id handed on."""
    if not isinstance(node, ast.Call):
        return
    given = [word.value for word in node.keywords if word.arg and word.arg.endswith("_id") and not isinstance(word.value, ast.Constant)]
    for at, value in enumerate(given):
        yield source.replace("id-lost", value, "None")
        if len(given) > 1:
            yield source.replace("id-mixed", value, source.text(given[at - 1]))


def loops(node: ast.AST, source: Source, enums: Enums) -> Iterator[Change | None]:
    """The first or last element left out, a limit on a slice ignored, a loop left late."""
    if isinstance(node, ast.For | ast.comprehension) and not getattr(node, "is_async", 0) and not isinstance(node.iter, ast.Constant):
        yield source.replace("element-lost", node.iter, f"list({source.text(node.iter)})[1:]")
        yield source.replace("element-lost", node.iter, f"list({source.text(node.iter)})[:-1]")
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice) and isinstance(node.ctx, ast.Load):
        yield source.replace("limit-ignored", node, source.text(node.value))
    if isinstance(node, ast.Continue | ast.Break):
        yield source.replace("loop-control", node, "pass")


def settings(node: ast.AST, source: Source, enums: Enums) -> Iterator[Change | None]:
    """A setting that is accepted and not used: its default takes its place."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    given = node.args.posonlyargs + node.args.args
    usual = dict(zip([a.arg for a in given][len(given) - len(node.args.defaults) :], node.args.defaults, strict=True))
    usual |= {a.arg: value for a, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if value is not None}
    for part in ast.walk(node):
        if isinstance(part, ast.Assign | ast.keyword) and isinstance(part.value, ast.Name) and part.value.id in usual:
            yield source.replace("setting-ignored", part.value, source.text(usual[part.value.id]))


def leaks(node: ast.AST, source: Source, enums: Enums) -> Iterator[Change | None]:
    """What a function is given is kept for ever."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_") or len(node.body) < 3:
        return
    given = [argument.arg for argument in node.args.args + node.args.kwonlyargs if argument.arg not in {"self", "cls"}]
    if given:
        at, size = source.start(node.body[1]), len(source.data)
        kept = Edit(at, at, f"_kept.append({given[0]})\n{' ' * node.body[1].col_offset}")
        yield Change("leak", (kept, Edit(size, size, "\n\n_kept: list = []\n")))


OPERATORS: tuple[Operator, ...] = (
    comparisons, conditions, arithmetic, constants, defaults, keys, statements, handlers, calls, identifiers, loops, settings, leaks,
)  # fmt: skip
