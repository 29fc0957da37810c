"""Options of the commands that look at what is there, and of those that other programs use."""

import argparse
from pathlib import Path

from agent.commands.options import Commands, confinement, roadmap_filters, runs_option

FINDINGS = """\
  findings [RUN]     those of a run (default: the newest)
  findings list      those of all runs, each once, with the entries that have it
  findings show ID   one of them, by its identity or the start of it, or by its id in a run (BUG-007)
  findings export    as JSON, CSV, SARIF 2.1.0 or Markdown"""
COMPLETION = "Prints a completion script for a word that stands for `python -m agent`, such as an alias."


def add_docs(commands: Commands) -> None:
    """Documentation."""
    docs = commands.add_parser("docs", help="fetch, search or check the documentation of the target")
    what = docs.add_subparsers(dest="what", metavar="WHAT", required=True)
    sync = what.add_parser("sync", help="fetch a release's own documentation")
    sync.add_argument("--target", default="", metavar="VERSION", help="release (default: the pinned one)")
    search = what.add_parser("search", help="look something up")
    search.add_argument("query", nargs="?", default="", help="words to look for")
    for command in (sync, search):
        command.add_argument("--json", action="store_true", help="for machines")
    add_docs_check(what)
    reference = what.add_parser(
        "reference",
        help="write the API reference of stageflow-docs/ again",
        description="Writes stageflow-docs/api/ and known-defects.md: signatures as the release has them, and beside each name what the "
        "probes found out about it.",
    )
    reference.add_argument("--target", default="installed", metavar="VERSION", help="release (default: the pinned one)")
    reference.add_argument("--verdicts", type=Path, metavar="CHECK.json", help="take the verdicts of this check and keep them")
    reference.add_argument("--out", type=Path, metavar="DIR", help="write there instead")


def add_docs_check(what: Commands) -> None:
    """The documentation as oracle."""
    check = what.add_parser(
        "check",
        help="contradictions between the documentation and the target",
        description="Compiles, resolves and runs every Python block of the pages against the target, compares written-down signatures and "
        "members with the real ones, and lists what contradicts. What is only doubtful is listed apart and never counted.",
    )
    check.add_argument("--target", default="installed", metavar="VERSION|PATH", help="release or checkout (default: the pinned release)")
    check.add_argument("--own", action="store_true", help="the pages of this project instead of the release's own")
    check.add_argument("--page", default="", metavar="NAME", help="one page only, e.g. api/tools.md")
    check.add_argument("--minutes", type=float, default=3.0, help="time budget (default: 3)")
    check.add_argument("--verdicts", type=Path, metavar="CHECK.json", help="also quote the sentences that its findings contradict")
    check.add_argument("--json", type=Path, metavar="FILE", help="write the result here")
    check.add_argument("--fail-on", choices=("critical", "high", "medium", "low"), help="exit 1 for contradictions; their severity is low")
    confinement(check)


def add_doctor(commands: Commands) -> None:
    """The machine."""
    doctor = commands.add_parser("doctor", help="what works on this machine and which protections are active")
    doctor.add_argument("--json", action="store_true", help="for machines")


def add_roadmap(commands: Commands) -> None:
    """The options of `roadmap`."""
    text = "Looks at the entries of the roadmap. WORD: list (default), show ID, validate [ID], page (the text of ROADMAP.md), or an ID."
    look = commands.add_parser("roadmap", help="entries of the roadmap: list, show ID, validate, page", description=text)
    look.add_argument("words", nargs="*", metavar="WORD", help="what to do; see above")
    look.add_argument("--json", action="store_true", help="for machines")
    runs_option(look)
    roadmap_filters(look)


def add_findings(commands: Commands) -> None:
    """Findings of a run, or of all runs together."""
    findings = commands.add_parser(
        "findings",
        help="findings of a run, or of all runs together",
        description=FINDINGS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    findings.add_argument("words", nargs="*", metavar="[RUN] | list | show ID | export", help="see above; default: those of the newest run")
    findings.add_argument("--json", action="store_true", help="for machines")
    findings.add_argument("--format", choices=("json", "csv", "sarif", "markdown"), default="json", help="of export (default: json)")
    findings.add_argument("--kind", metavar="KIND", help="bug, dx, improvement, strength; several with commas (default: bug,dx)")
    findings.add_argument("--severity", metavar="LEVEL", help="only findings of this severity; several with commas")
    findings.add_argument("--entry", dest="of_entry", metavar="ID", help="only findings that these entries have; several with commas")
    findings.add_argument("--target", dest="on_target", metavar="VERSION", help="only runs on this version of the target")
    findings.add_argument("--all-sightings", action="store_true", help="one row for every sighting instead of one for every finding")
    findings.add_argument("--out", type=Path, metavar="FILE", help="export into this file instead of standard output")
    runs_option(findings)


def add_report(commands: Commands) -> None:
    """The report of a run, or of all."""
    report = commands.add_parser(
        "report",
        help="write the report of a run again, also of an unfinished one; --campaign: the page of all entries",
        description="Writes the report of a run again. With --campaign: one page over all entries, in campaign/ of the folder of runs, "
        "also while a batch is working.",
    )
    report.add_argument("run", nargs="?", help="default: the newest")
    report.add_argument("--campaign", action="store_true", help="one page over all entries, index.html, and its data, campaign.json")
    report.add_argument("--json", action="store_true", help="with --campaign: print the data as well")
    report.add_argument("--target", dest="on_target", default="", metavar="VERSION", help="with --campaign: only runs on this version")
    report.add_argument(
        "--against",
        default="",
        metavar="DIR|FILE|VERSION",
        help="with --campaign: compare with another folder of runs, a saved campaign.json, or the runs here on another version (default: "
        "the campaign before)",
    )
    runs_option(report)


def add_view(commands: Commands) -> None:
    """The runs in a browser."""
    view = commands.add_parser(
        "view",
        help="show runs and campaign in a browser, on this machine only",
        description="Serves the folder of runs on 127.0.0.1, read-only, until Ctrl-C.",
    )
    view.add_argument("--port", type=int, default=0, metavar="N", help="default: a free one")
    runs_option(view)


def add_experience(commands: Commands) -> None:
    """Developer experience over releases."""
    about = "Scores eight aspects by the formulas of a mission's phase 5, from common mistakes, what a newcomer reads, and a small job."
    measured = commands.add_parser("dx", help="the developer experience of releases, side by side", description=about)
    measured.add_argument("--releases", default="installed", metavar="V,V,...", help="versions, oldest first (default: the pinned release)")
    measured.add_argument("--json", action="store_true", help="for machines: scores with facts and formulas, friction, delights")
    confinement(measured)


def add_others(commands: Commands) -> None:
    """Commands for other programs: coding assistants, shells."""
    about = "Serves run_mission, check, list_findings and verify_finding over the Model Context Protocol on standard input and output."
    served = commands.add_parser("mcp", help="tools for coding assistants, on standard input and output", description=about)
    runs_option(served)
    shells = commands.add_parser("completion", help="completion for bash, zsh and others", description=COMPLETION)
    shells.add_argument("shell", choices=("bash", "zsh", "tcsh", "fish"))
    shells.add_argument(
        "--name", default="stageflow-agent", metavar="WORD", help="what is typed for `python -m agent` (default: %(default)s)"
    )
