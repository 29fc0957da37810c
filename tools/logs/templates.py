"""Messages with their changing parts masked, counted; a bounded number of them."""

import functools
import re
from dataclasses import dataclass, field

from tools.logs.flags import CheckResult, Flag, checked
from tools.logs.parse import Entry

TEMPLATES_KEPT = 2000
"""Different templates followed; lines of any further one are only counted."""
_MASKED = 500

_PARTS = re.compile(
    r"(?P<uuid>\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b)"
    r"|(?P<text>\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)|`[^`]*`)"
    r"|(?P<time>\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)"
    r"|(?P<path>(?<![\w/.])(?:[A-Za-z]:\\|\.{0,2}/)[\w.@+-]+(?:[/\\][\w.@+-]+)*)"
    r"|(?P<hex>\b0x[0-9a-fA-F]+\b|\b(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{8,}\b)"
    r"|(?P<duration>(?<![\w.])\d+(?:\.\d+)?\s?(?:ns|us|µs|ms|s|sec|secs|seconds?|m|min|minutes?|h|hours?)\b)"
    r"|(?P<number>(?<![A-Za-z_])[-+]?\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?|(?<=[A-Za-z_-])\d+)"
)


@functools.lru_cache(maxsize=4096)
def mask(message: str) -> str:
    """The template of a message: uuids, quoted text, times, paths, hexadecimal, durations and numbers become `<kind>`."""
    return " ".join(_PARTS.sub(lambda found: f"<{found.lastgroup}>", message[:_MASKED]).split())


@dataclass
class Template:
    """One template as far as the log has been read.

    Attributes:
        index: order of appearance, from 0.
        text: the masked message.
        count: how often.
        first: its first line.
        last: its last line.
        example: the first message.
        levels: level -> [count, first line].
    """

    index: int
    text: str
    count: int
    first: int
    last: int
    example: str
    levels: dict[str, list[int]] = field(default_factory=dict)


class TemplateTable:
    """All templates of a log, at most `TEMPLATES_KEPT`."""

    def __init__(self) -> None:
        self.templates: dict[str, Template] = {}
        self.uncounted = 0

    def see(self, entry: Entry) -> Template | None:
        """Count the entry; None when there is no room for its template."""
        text = mask(entry.message)
        found = self.templates.get(text)
        if found is None:
            if len(self.templates) >= TEMPLATES_KEPT:
                self.uncounted += 1
                return None
            found = Template(len(self.templates), text, 0, entry.line, entry.line, entry.raw)
            self.templates[text] = found
        found.count += 1
        found.last = entry.line
        level = found.levels.setdefault(entry.level, [0, entry.line])
        level[0] += 1
        return found

    def result(self) -> CheckResult:
        """Templates that were logged at more than one level."""
        flags = []
        for template in self.templates.values():
            levels = {name: seen for name, seen in template.levels.items() if name}
            if len(levels) > 1 and re.search(r"[A-Za-z]{3}", re.sub(r"<\w+>", "", template.text)):
                shares = ", ".join(f"{seen[0]} × {name}" for name, seen in sorted(levels.items()))
                lines = tuple(sorted(seen[1] for seen in levels.values()))
                message = f"the same message at different levels ({shares}): {template.text[:160]}"
                flags.append(
                    Flag(pattern="level_inconsistent", message=message, lines=lines, count=template.count, snippet=template.example)
                )
        levelled = any(name for template in self.templates.values() for name in template.levels)
        return checked("one message at several levels", flags, needs="" if levelled else "no line has a level", note=self.limits())

    def limits(self) -> str:
        """What did not fit; empty when everything did."""
        return f"{self.uncounted} lines belong to templates beyond the first {TEMPLATES_KEPT}" if self.uncounted else ""

    def rows(self, limit: int) -> list[dict[str, object]]:
        """The most frequent templates, for the statistics file."""
        ordered = sorted(self.templates.values(), key=lambda template: (-template.count, template.first))
        return [
            {
                "template": template.text,
                "count": template.count,
                "levels": {name or "none": seen[0] for name, seen in sorted(template.levels.items())},
                "first_line": template.first,
                "last_line": template.last,
                "example": template.example,
            }
            for template in ordered[:limit]
        ]
