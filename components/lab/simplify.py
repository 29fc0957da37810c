"""Rewrites a stand-alone script into a simpler one that does exactly the same for its case, whatever the target does.

The case's values take the place of parameters that always carry them, conditions that are then certain are decided, and what
nothing mentions any more goes. `CASE` is the name of the case, `scenario` and `control` the functions that are called with it.
"""

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from typing import Any

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = (*FUNCTIONS, ast.Lambda, ast.ClassDef)
REPEATED = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
CASE, ROOTS = "CASE", ("scenario", "control")
MOST_ROUNDS = 20


def simplified(tree: ast.Module, fixed: frozenset[str], roots: tuple[str, ...]) -> ast.Module:
    """A simpler tree in which the roots do the same; definitions with `fixed` names stay as they are."""
    tree = copy.deepcopy(tree)
    for _ in range(MOST_ROUNDS):
        before = ast.dump(tree)
        calls = direct_calls(tree)
        for name, function in functions(tree).items():
            if name not in fixed:
                propagate(name, function, calls.get(name, []))
        fold(tree, fixed)
        drop_unmentioned(tree, roots)
        if ast.dump(tree) == before:
            break
    return ast.fix_missing_locations(tree)


def functions(tree: ast.Module) -> dict[str, Function]:
    """The functions of the script by name."""
    return {node.name: node for node in tree.body if isinstance(node, FUNCTIONS)}


def mentions(node: ast.AST) -> Counter[str]:
    """How often each name is read below a node."""
    return Counter(part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load))


def direct_calls(tree: ast.Module) -> dict[str, list[ast.Call]]:
    """The calls of each name that is never read in any other way."""
    calls: dict[str, list[ast.Call]] = {}
    for part in ast.walk(tree):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
            calls.setdefault(part.func.id, []).append(part)
    counts = mentions(tree)
    return {name: found for name, found in calls.items() if counts[name] == len(found)}


def literal(node: ast.AST | None) -> tuple[Any] | None:
    """The value of a literal, in a tuple; None for anything else."""
    try:
        return (ast.literal_eval(node),) if isinstance(node, ast.expr) else None
    except (ValueError, TypeError):
        return None


def expression(value: Any) -> ast.expr:
    """The literal for a value."""
    return ast.parse(repr(value), mode="eval").body


# Parameters


def propagate(name: str, function: Function, calls: list[ast.Call]) -> None:
    """Put what a parameter always is in its place, and take it out of the function and its calls where that can be done."""
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
    if name in ROOTS:
        if names and not rebound(function, names[0]):
            substitute(function, names[0], ast.Name(CASE, ast.Load()))
        return
    if function.decorator_list or not calls or not all(map(spelled_out, calls)):
        return
    for parameter in names:
        given = [argument_of(function, call, parameter) for call in calls]
        texts = {ast.dump(value) for value in given if value is not None}
        if None in given or len(texts) != 1 or rebound(function, parameter):
            continue
        value = given[0]
        if isinstance(value, ast.Constant) or (isinstance(value, ast.Name) and value.id == CASE):
            substitute(function, parameter, value)
            for call in calls:
                take_argument(function, call, parameter)
            take_parameter(function, parameter)


def spelled_out(call: ast.Call) -> bool:
    """Whether a call has no starred arguments."""
    return not any(isinstance(a, ast.Starred) for a in call.args) and all(k.arg for k in call.keywords)


def rebound(function: Function, name: str) -> bool:
    """Whether a name may mean something else somewhere in a function than its parameter's value."""
    inner = [part for part in ast.walk(function) if part is not function]
    stored = any(isinstance(part, ast.Name) and part.id == name and not isinstance(part.ctx, ast.Load) for part in inner)
    arguments = sum(isinstance(part, ast.arg) and part.arg == name for part in inner)
    named = any(getattr(part, "name", None) == name or name in getattr(part, "names", ()) for part in inner)
    return stored or arguments > 1 or named


def positional(function: Function) -> list[str]:
    """Names of the parameters that may be given by position."""
    return [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]


def argument_of(function: Function, call: ast.Call, parameter: str) -> ast.expr | None:
    """What a call gives for a parameter, its default included; None when that is not certain."""
    places = positional(function)
    if parameter in places and places.index(parameter) < len(call.args):
        return call.args[places.index(parameter)]
    for keyword in call.keywords:
        if keyword.arg == parameter:
            return keyword.value
    return default_of(function, parameter)


def default_of(function: Function, parameter: str) -> ast.expr | None:
    """A parameter's default."""
    args, places = function.args, positional(function)
    if parameter in places:
        position = places.index(parameter) - (len(places) - len(args.defaults))
        return args.defaults[position] if position >= 0 else None
    return next((d for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if a.arg == parameter), None)


def substitute(function: Function, name: str, value: ast.expr) -> None:
    """Put a value in the place of a name in a function's body."""

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return copy.deepcopy(value) if node.id == name else node

    function.body = [Put().visit(statement) for statement in function.body]


def take_argument(function: Function, call: ast.Call, parameter: str) -> None:
    """Take what is given for a parameter out of a call."""
    places = positional(function)
    if parameter in places and places.index(parameter) < len(call.args):
        del call.args[places.index(parameter)]
    call.keywords = [keyword for keyword in call.keywords if keyword.arg != parameter]


def take_parameter(function: Function, parameter: str) -> None:
    """Take a parameter out of a function."""
    args, places = function.args, positional(function)
    if parameter in places:
        position = places.index(parameter) - (len(places) - len(args.defaults))
        if position >= 0:
            del args.defaults[position]
        args.posonlyargs = [a for a in args.posonlyargs if a.arg != parameter]
        args.args = [a for a in args.args if a.arg != parameter]
        return
    kept = [(a, d) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if a.arg != parameter]
    args.kwonlyargs, args.kw_defaults = [a for a, _ in kept], [d for _, d in kept]


# Conditions


def fold(tree: ast.Module, fixed: frozenset[str]) -> None:
    """Decide what is certain, everywhere but in `fixed` definitions."""
    case = next((literal(s.value) for s in tree.body if isinstance(s, ast.Assign) and ast.unparse(s.targets[0]) == CASE), None)
    folder = Folder(case[0] if case else {})
    for index, node in enumerate(tree.body):
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and node.name not in fixed:
            inline_once(node, folder.case)
            tree.body[index] = folder.visit(node)
    for node in ast.walk(tree):
        for block in blocks(node):
            ended = next((n for n, statement in enumerate(block, 1) if isinstance(statement, ENDS)), len(block))
            if not any(isinstance(part, ast.Yield | ast.YieldFrom) for rest in block[ended:] for part in ast.walk(rest)):
                del block[ended:]


def blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The lists of statements directly in a node."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block


def inline_once(root: ast.stmt, case: dict[str, Any]) -> None:
    """Put lists and dicts of the case where the root function, which runs once, reads them once and outside of anything repeated."""
    if not (isinstance(root, FUNCTIONS) and root.name in ROOTS):
        return
    reads = Counter(key for part in ast.walk(root) if (key := case_key(part)) is not None)

    class Put(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            if node is not root and isinstance(node, (*SCOPES, *REPEATED)):
                return node
            key = case_key(node)
            if key is not None and key in case and reads[key] == 1:
                return expression(case[key])
            return self.generic_visit(node)

    Put().visit(root)


def case_key(node: ast.AST) -> str | None:
    """The key of `CASE["key"]`."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and isinstance(node.value, ast.Name) and node.value.id == CASE:
        return node.slice.value if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str) else None
    return None


class Folder(ast.NodeTransformer):
    """Decides conditions that are literals, and reads plain values of the case."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.case = case

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """`CASE["key"]`, when it is a plain value."""
        key = case_key(node)
        if key is not None and key in self.case and isinstance(self.case[key], str | int | float | bool | None):
            return expression(self.case[key])
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """`CASE.get("key")`, with or without a default, as `CASE["key"]` or the default."""
        self.generic_visit(node)
        if ast.unparse(node.func) == f"{CASE}.get" and not node.keywords and (key := literal(node.args[0])):
            if key[0] in self.case:
                return self.visit(ast.Subscript(ast.Name(CASE, ast.Load()), node.args[0], ast.Load()))
            return node.args[1] if len(node.args) > 1 else ast.Constant(None)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """A comparison of two literals, and `"key" in CASE`."""
        self.generic_visit(node)
        left, right = literal(node.left), literal(node.comparators[0])
        if isinstance(node.comparators[0], ast.Name) and node.comparators[0].id == CASE:
            right = (self.case,)
        if len(node.ops) > 1 or left is None or right is None:
            return node
        if isinstance(node.ops[0], ast.Is | ast.IsNot) and not single(left, right):
            return node
        try:
            plain = ast.Compare(expression(left[0]), node.ops, [expression(right[0])])
            return ast.Constant(bool(eval(ast.unparse(plain), {"__builtins__": {}})))
        except TypeError:
            return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        """`not` of a literal."""
        self.generic_visit(node)
        value = literal(node.operand)
        return ast.Constant(not value[0]) if value and isinstance(node.op, ast.Not) else node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        """Operands up to the one that decides."""
        self.generic_visit(node)
        kept: list[ast.expr] = []
        for operand in node.values:
            value = literal(operand)
            if value is None or operand is node.values[-1]:
                kept.append(operand)
            elif bool(value[0]) == isinstance(node.op, ast.Or):
                kept.append(operand)
                break
        return kept[0] if len(kept) == 1 else ast.BoolOp(node.op, kept)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        """The branch that is taken."""
        self.generic_visit(node)
        value = literal(node.test)
        return node if value is None else (node.body if value[0] else node.orelse)

    def visit_If(self, node: ast.If) -> Any:
        """The statements that are run."""
        self.generic_visit(node)
        value = literal(node.test)
        return node if value is None else ((node.body if value[0] else node.orelse) or ast.Pass())


def single(*values: tuple[Any]) -> bool:
    """Whether `is` says of these what it always says: they are None, True or False."""
    return all(value[0] is None or isinstance(value[0], bool) for value in values)


# Leftovers


def drop_unmentioned(tree: ast.Module, roots: tuple[str, ...]) -> None:
    """Take out definitions, imports and assignments that nothing leads to from the last statement and the roots."""
    for node in tree.body:
        if isinstance(node, FUNCTIONS):
            drop_inside(node)
    wanted, todo = set(roots), [tree.body[-1], *(node for node in tree.body if bound(node) & set(roots))]
    while todo:
        names = set(mentions(todo.pop())) - wanted
        wanted |= names
        todo += [node for node in tree.body if bound(node) & names]
    kept: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            node.names = [alias for alias in node.names if (alias.asname or alias.name.partition(".")[0]) in wanted]
        if not (isinstance(node, ast.Import | ast.ImportFrom) and not node.names) and (not bound(node) or bound(node) & wanted):
            kept.append(node)
    tree.body = kept


def bound(node: ast.stmt) -> set[str]:
    """Names that a statement of the script defines."""
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}


def drop_inside(function: Function) -> None:
    """Take out nested functions and plain assignments whose names nothing in the function reads."""
    read = mentions(function)
    shared = {name for part in ast.walk(function) if isinstance(part, ast.Nonlocal | ast.Global) for name in part.names}
    for node in ast.walk(function):
        for block in blocks(node) if not isinstance(node, ast.ClassDef) else ():
            kept = [s for s in block if not (is_plain(s) and not any(read[name] or name in shared for name in bound(s)))]
            if len(kept) > 1:
                kept = [s for s in kept if not isinstance(s, ast.Pass)]
            block[:] = kept or ([ast.Pass()] if block and block is getattr(node, "body", None) else [])


def is_plain(statement: ast.stmt) -> bool:
    """Whether leaving a statement out has no effect when the names it binds are not read."""
    if isinstance(statement, FUNCTIONS):
        return not statement.decorator_list
    plain = isinstance(statement, ast.Assign) and all(isinstance(target, ast.Name) for target in statement.targets)
    return plain and (literal(getattr(statement, "value", None)) is not None or isinstance(getattr(statement, "value", None), ast.Name))
