"""Decides conditions of a script that are certain for its case."""

import ast
from collections import Counter
from typing import Any

from components.lab.shrink.script_tree import CASE, FUNCTIONS, ROOTS, blocks, expression, literal

SCOPES = (*FUNCTIONS, ast.Lambda, ast.ClassDef)
REPEATED = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
READING = ("get", "items", "keys", "values")
"""Methods of the case that leave it as it is."""


def fold(tree: ast.Module, fixed: frozenset[str]) -> None:
    """Decide what is certain, everywhere but in `fixed` definitions."""
    case = next((literal(s.value) for s in tree.body if isinstance(s, ast.Assign) and ast.unparse(s.targets[0]) == CASE), None)
    folder = Folder(case[0] if case and not is_changed(tree) else {})
    inline_once(tree, folder.case)
    tree.body = [
        folder.visit(node) if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and node.name not in fixed else node for node in tree.body
    ]
    for node in ast.walk(tree):
        for block in blocks(node):
            ended = next((n for n, statement in enumerate(block, 1) if isinstance(statement, ENDS)), len(block))
            if not any(isinstance(part, ast.Yield | ast.YieldFrom) for rest in block[ended:] for part in ast.walk(rest)):
                del block[ended:]


def is_changed(tree: ast.Module) -> bool:
    """Whether something may change the case."""
    for part in ast.walk(tree):
        owner = part.value if isinstance(part, ast.Subscript | ast.Attribute) else None
        if isinstance(owner, ast.Name) and owner.id == CASE:
            if isinstance(part, ast.Subscript) and not isinstance(part.ctx, ast.Load):
                return True
            if isinstance(part, ast.Attribute) and part.attr not in READING:
                return True
    return False


def inline_once(tree: ast.Module, case: dict[str, Any]) -> None:
    """Put lists and dicts of the case where a root function, which runs once, reads them once and outside of anything repeated.

    Only where all that is read of the case is read by key, so that nothing else can see the same list.
    """
    inner = [node for node in tree.body if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and node.name != "main"]
    reads = Counter(key for node in inner for part in ast.walk(node) if (key := case_key(part)) is not None)
    names = sum(isinstance(part, ast.Name) and part.id == CASE for node in inner for part in ast.walk(node))
    if names == reads.total():
        for root in (node for node in inner if node.name in ROOTS):
            once = Counter(key for part in ast.walk(root) if (key := case_key(part)) is not None)
            Inliner(root, {key: value for key, value in case.items() if once[key] == 1}).visit(root)


class Inliner(ast.NodeTransformer):
    """Puts values of the case where a function reads them, but not where that may happen again and again."""

    def __init__(self, root: ast.AST, case: dict[str, Any]) -> None:
        self._root = root
        self._case = case

    def visit(self, node: ast.AST) -> Any:
        """The value, or the node with the values inside it."""
        if node is not self._root and isinstance(node, (*SCOPES, *REPEATED)):
            return node
        key = case_key(node)
        return expression(self._case[key]) if key is not None and key in self._case else self.generic_visit(node)


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

    def visit_Call(self, node: ast.Call) -> Any:
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
        if isinstance(node.ops[0], ast.Is | ast.IsNot):
            same = left[0] is right[0]
            return ast.Constant(same == isinstance(node.ops[0], ast.Is)) if single(left) or single(right) else node
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


def single(value: tuple[Any]) -> bool:
    """Whether there is only one object with this value."""
    return value[0] is None or isinstance(value[0], bool)
