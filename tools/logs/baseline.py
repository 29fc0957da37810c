"""What a log says that a baseline log does not, and the other way round."""

from typing import IO

from tools.logs.flags import FLAGS_KEPT, CheckResult, Flag, checked
from tools.logs.pairs import speaks_of_an_end
from tools.logs.parse import entries
from tools.logs.templates import TemplateTable


def read_templates(stream: IO[bytes]) -> TemplateTable:
    """The templates of a whole log."""
    table = TemplateTable()
    for entry in entries(stream):
        if entry.form != "header":
            table.see(entry)
    return table


def compare(table: TemplateTable, baseline: TemplateTable) -> CheckResult:
    """Flags errors that the baseline does not have, and endings that only the baseline has."""
    new = [row for text, row in table.templates.items() if text not in baseline.templates]
    gone = [row for text, row in baseline.templates.items() if text not in table.templates]
    flags = [
        Flag(
            pattern="unexpected_error",
            message=f"{row.count} × an error that the baseline does not have: {row.text[:160]}",
            lines=(row.first, row.last) if row.count > 1 else (row.first,),
            count=row.count,
            snippet=row.example,
        )
        for row in new
        if {"ERROR", "CRITICAL"} & set(row.levels)
    ]
    flags += [
        Flag(
            pattern="missing_success",
            message=f"the baseline logs it {row.count} times, this log never: {row.text[:160]}",
            lines=(),
            snippet=row.example,
        )
        for row in gone
        if speaks_of_an_end(row.text)
    ]
    stats = {
        "only_here": [{"template": row.text, "count": row.count} for row in new[:FLAGS_KEPT]],
        "only_in_baseline": [{"template": row.text, "count": row.count} for row in gone[:FLAGS_KEPT]],
        "templates_only_here": len(new),
        "templates_only_in_baseline": len(gone),
    }
    beyond = table.limits() or baseline.limits()
    return checked("difference from the baseline", flags, note=beyond, stats=stats)
