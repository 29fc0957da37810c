"""Rewrites a stand-alone script into a simpler one that does exactly the same for its case, whatever the target does.

The case's values take the place of parameters that always carry them, conditions that are then certain are decided, and what
nothing mentions any more goes.
"""

import ast
import copy

from components.lab.shrink.folding import fold
from components.lab.shrink.parameters import propagate_all
from components.lab.shrink.script_tree import FUNCTIONS, Function, blocks, literal, mentions

MOST_ROUNDS = 20


def simplified(tree: ast.Module, fixed: frozenset[str], roots: tuple[str, ...]) -> ast.Module:
    """A simpler tree in which the roots do the same; definitions with `fixed` names stay as they are."""
    tree = copy.deepcopy(tree)
    for _ in range(MOST_ROUNDS):
        before = ast.dump(tree)
        propagate_all(tree, fixed)
        fold(tree, fixed)
        drop_unmentioned(tree, roots)
        if ast.dump(tree) == before:
            break
    return ast.fix_missing_locations(tree)


def drop_unmentioned(tree: ast.Module, roots: tuple[str, ...]) -> None:
    """Take out definitions, imports and assignments that nothing leads to from the last statement and the roots."""
    for node in tree.body:
        if isinstance(node, FUNCTIONS):
            drop_inside(node)
    wanted, todo = set(roots), [node for node in tree.body if not bound(node) or bound(node) & set(roots)]
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
    parts = list(ast.walk(function))
    shared = {name for part in parts if isinstance(part, ast.Nonlocal | ast.Global) for name in part.names}
    changed = {part.target.id for part in parts if isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name)}
    deleted = {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Del)}
    read = {*mentions(function), *shared, *changed, *deleted}
    for node in parts:
        for block in blocks(node) if not isinstance(node, ast.ClassDef) else ():
            kept = [s for s in block if not (is_plain(s) and not bound(s) & read)]
            if len(kept) > 1:
                kept = [s for s in kept if not isinstance(s, ast.Pass)]
            block[:] = kept or ([ast.Pass()] if block and block is getattr(node, "body", None) else [])


def is_plain(statement: ast.stmt) -> bool:
    """Whether leaving a statement out has no effect when the names it binds are not read."""
    if isinstance(statement, FUNCTIONS):
        return not statement.decorator_list
    plain = isinstance(statement, ast.Assign) and all(isinstance(target, ast.Name) for target in statement.targets)
    return plain and (literal(getattr(statement, "value", None)) is not None or isinstance(getattr(statement, "value", None), ast.Name))
