"""What commands that look print: rows as a table or as JSON."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from agent.core.errors import UsageError
from agent.core.shown import shown, shown_data


def output(rows: Sequence[dict[str, Any]], title: str, as_json: bool) -> None:
    """Rows as a table or as JSON."""
    if as_json:
        sys.stdout.write(shown_data(json.dumps(list(rows), indent=2, ensure_ascii=False)) + "\n")
        return
    if not rows:
        sys.stdout.write(shown(f"{title}: none\n"))
        return
    from rich.table import Table  # nobody who has nothing to see waits for it

    from agent.reporting.screen import Screen

    table = Table(title=title, title_justify="left")
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(str(value).replace("[", "\\[") for value in row.values()))
    Screen().print(table)


def one_name(words: list[str]) -> str:
    """The one run that was named, or none.

    Raises:
        UsageError: several words were given.
    """
    if len(words) > 1:
        raise UsageError(f"one run at a time, not {' '.join(words)}", hint="`runs`, `runs RUN`, `runs verify` or `runs verify RUN`.")
    return words[0] if words else ""
