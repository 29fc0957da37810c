"""Shows a timeline to a person."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agent.reporting.screen import Screen

SIGNS = {"present": "[red]●[/]", "absent": "[green]○[/]", "not applicable": "[dim]–[/]", "unknown": "[yellow]?[/]"}
STANDINGS = {"open": "still open", "fixed": "fixed", "not seen": "never seen", "not applicable": "API gone", "unknown": "unknown"}


def tell(result: Mapping[str, Any]) -> None:
    """One defect release by release; several in one line each."""
    console = Screen()
    findings = result["findings"]
    if len(findings) == 1:
        one(console, findings[0])
    else:
        many(console, result)
    for version, why in result["unavailable"].items():
        console.print(f"{version}: unknown, {why}", markup=False, highlight=False)
    if result["note"]:
        console.print(f"note: {result['note']}", markup=False, highlight=False)
    counts = Counter(f["standing"] for f in findings)
    told = ", ".join(f"{number} {STANDINGS[name]}" for name, number in counts.most_common())
    number = f"{len(findings)} {'defect' if len(findings) == 1 else 'defects'}"
    console.print(
        f"{number} on {len(result['releases'])} releases: {told}; {result['seconds']} s",
        markup=False,
        highlight=False,
    )


def one(console: Console, found: Mapping[str, Any]) -> None:
    """A row for each release."""
    table = Table("release", "", "state", "what was seen", title=f"{escape(found['id'])}: {escape(found['title'])}", title_justify="left")
    for version, state in found["states"].items():
        table.add_row(version, SIGNS[state], state, escape(found["reasons"][version][:160]))
    console.print(table)
    console.print(f"first bad {first(found)}; {ending(found)}", markup=False, highlight=False)


def many(console: Console, result: Mapping[str, Any]) -> None:
    """A row for each defect, a sign for each release."""
    releases = result["releases"]
    table = Table("proof", f"{releases[0]} … {releases[-1]}", "first bad", "now", "defect")
    for found in result["findings"]:
        signs = "".join(SIGNS[state] for state in found["states"].values())
        since = (found["first_bad"] or "none") + (" or before" if found["first_bad_note"] else "")
        now = f"fixed in {found['fixed_in']} or before" if "unknown" in found["fixed_in_note"] else ending(found)
        table.add_row(escape(found["id"]), signs, since, now, escape(found["title"]))
    console.print(table)
    console.print(f"releases: {' '.join(releases)}", markup=False, highlight=False)
    console.print("; ".join(f"{sign} {state}" for state, sign in SIGNS.items()), highlight=False)


def first(found: Mapping[str, Any]) -> str:
    """The first bad release, with what makes it uncertain."""
    note = found["first_bad_note"]
    return f"{found['first_bad'] or 'none'}" + (f" ({note})" if note else "")


def ending(found: Mapping[str, Any]) -> str:
    """How it stands today."""
    if found["standing"] != "fixed":
        return STANDINGS[found["standing"]]
    note = found["fixed_in_note"]
    return f"fixed in {found['fixed_in']}" + (f" ({note})" if note else "")
