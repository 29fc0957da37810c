"""The three files of an analysed log: summary, statistics, errors."""

from typing import Any

from tools.logs.analysis import Analysis
from tools.logs.flags import CheckResult, Flag

TEMPLATES_SHOWN = 15
TEMPLATES_LISTED = 500


def statistics(log: str, size: int, analysis: Analysis) -> dict[str, Any]:
    """Content of `<name>_stats.json`."""
    return {
        "log": log,
        "bytes": size,
        "entries": analysis.entries,
        "levels": analysis.levels,
        "forms": analysis.forms,
        "loggers": analysis.loggers,
        "errors": analysis.errors.total,
        "error_rate": round(analysis.errors.total / analysis.entries, 6) if analysis.entries else 0.0,
        "flags": flag_counts(analysis),
        "checks": [check.model_dump(mode="json", exclude={"flags"}) for check in analysis.checks],
        "templates_total": len(analysis.table.templates),
        "templates_limit": analysis.table.limits(),
        "templates": analysis.table.rows(TEMPLATES_LISTED),
    }


def flag_counts(analysis: Analysis) -> dict[str, int]:
    """Pattern -> number of flags kept."""
    counts: dict[str, int] = {}
    for check in analysis.checks:
        for flag in check.flags:
            counts[flag.pattern] = counts.get(flag.pattern, 0) + 1
    return counts


def errors(log: str, analysis: Analysis) -> dict[str, Any]:
    """Content of `<name>_errors.json`."""
    return {"log": log} | analysis.errors.document()


def summary(name: str, log: str, size: int, analysis: Analysis) -> str:
    """Content of `<name>_analysis.md`."""
    levels = ", ".join(f"{count} {level}" for level, count in analysis.levels.items()) or "none: the log is empty"
    parts = [
        f"# Log analysis: {name}\n",
        f"`{log}`: {analysis.entries} entries, {size} bytes. Entries by level: {levels}.\n",
        "## What was checked\n",
        "| check | outcome |\n|---|---|",
        *(f"| {_cell(check.check)} | {_cell(_outcome(check))} |" for check in analysis.checks),
        "\n## Flags\n",
    ]
    flagged = [check for check in analysis.checks if check.flags]
    parts += [_flags(check) for check in flagged] or ["No check found anything.\n"]
    parts.append("## Most frequent messages\n")
    parts += [f"    {row['count']:>8}  {str(row['template'])[:200]}" for row in analysis.table.rows(TEMPLATES_SHOWN)]
    if analysis.table.limits():
        parts.append(f"\n{analysis.table.limits()}.")
    return "\n".join(parts) + "\n"


def _outcome(check: CheckResult) -> str:
    if not check.applicable:
        return f"not applicable: {check.note}"
    found = f"**{check.found} found**" if check.found else "nothing found"
    return f"{found}; {check.note}" if check.note else found


def _flags(check: CheckResult) -> str:
    rest = check.found - len(check.flags)
    more = f"\n… and {rest} more of this sort.\n" if rest > 0 else ""
    return "\n".join(_flag(flag) for flag in check.flags) + more


def _flag(flag: Flag) -> str:
    lines = ", ".join(str(line) for line in flag.lines)
    where = (
        f"line{'s' if len(flag.lines) > 1 else ''} {lines}{', …' if flag.count > len(flag.lines) > 1 else ''}" if lines else "in no line"
    )
    snippet = f"\n      {flag.snippet}\n" if flag.snippet else ""
    return f"- **{flag.pattern}**, {where}: {_cell(flag.message)}\n{snippet}"


def _cell(text: str) -> str:
    """Text that cannot end a table cell or start markup."""
    for character in "\\`|<>[]_":
        text = text.replace(character, f"\\{character}")
    return " ".join(text.split()).replace("\\`", "'")
