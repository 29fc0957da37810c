"""Whether documentation shows a line as what not to do, so that its failure is no mistake."""

import re

from tools.doc_blocks import Block

ANYWHERE = re.compile(
    r"\b(?:wrong|don'?t|do not|avoid|invalid|incorrect|raises?|will fail|won'?t|doesn'?t work|not allowed|anti-?pattern|deprecated|legacy"
    r"|no longer)\b|[❌✗]",
    re.I,
)
START = re.compile(r"#+\s*(?:bad|before|old|error|never|removed|fails?)\b", re.I)
TITLE = re.compile(r"\b(?:migrat\w+|deprecat\w+|legacy|anti-?patterns?|before|mistakes?|pitfalls?|what not to|don'?t)\b", re.I)


def bad_example(block: Block, line: int) -> str:
    """Why a line of a block may be meant to fail: by its section's title, its comment, or the comment above; empty otherwise."""
    if TITLE.search(block.section):
        return f"the section is about {block.section!r}"
    for comment in _comments(block.text.splitlines(), line):
        if ANYWHERE.search(comment) or START.match(comment):
            return f"a comment says: {comment[:80]}"
    return ""


def _comments(lines: list[str], line: int) -> list[str]:
    """The comment on a line, and the nearest one above that is not deeper; a blank line at the top level ends its reach."""
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    depth = len(here) - len(here.lstrip())
    found = [here[here.find("#") :]] if "#" in here else []
    for text in reversed(lines[: max(line - 1, 0)]):
        if text.lstrip().startswith("#") and len(text) - len(text.lstrip()) <= depth:
            return [*found, text.strip()]
        if not text.strip() and depth == 0:
            break
    return found
