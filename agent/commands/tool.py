"""`python -m agent tool NAME …`: one tool by itself, its options made from its argument record."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, get_args, get_origin

from agent.commands.runs import find_run
from agent.core.errors import UsageError
from agent.core.settings import Settings
from agent.core.shown import shown, shown_data
from agent.core.tool import Record, Tool, ToolContext
from agent.registry import TOOLS
from agent.reporting.screen import Screen
from tools.targets import resolve


def tool(rest: list[str], settings: Settings) -> int:
    """Parse, run, print; returns 0, or the exit code of the tool's error."""
    names = argparse.ArgumentParser(
        prog="python -m agent tool",
        description="Runs one tool by itself, as a mission would.",
        epilog=listing(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names.add_argument("name", choices=sorted(TOOLS), metavar="NAME", help="which tool; `tool NAME --help` shows its options")
    chosen = TOOLS[names.parse_args(rest[:1]).name]
    args = options_of(chosen).parse_args(rest[1:])
    context = context_for(chosen, args, settings)
    given = {field: value for field in chosen.args.model_fields if (value := getattr(args, field)) is not None}
    result = chosen.call(decoded(chosen, given), context)
    show(result, as_json=args.json)
    return 0


def listing() -> str:
    """All tools with their help."""
    return "tools:\n" + "\n".join(f"  {name:14} {TOOLS[name].help}" for name in sorted(TOOLS))


def is_structured(annotation: Any) -> bool:
    """Whether a field takes JSON on the command line."""
    return get_origin(annotation) is dict or annotation is dict


def is_list(annotation: Any) -> bool:
    """Whether a field can be given several values."""
    return get_origin(annotation) in (tuple, list)


def options_of(chosen: Tool[Record, Record]) -> argparse.ArgumentParser:
    """One option per field."""
    parser = argparse.ArgumentParser(prog=f"python -m agent tool {chosen.name}", description=chosen.help)
    for name, field in chosen.args.model_fields.items():
        kind = " (JSON)" if is_structured(field.annotation) else ""
        default = "" if field.is_required() or field.default in (None, "", ()) else f" (default: {field.default})"
        choices = [str(c) for c in get_args(field.annotation)] if str(field.annotation).startswith("typing.Literal") else None
        text = ((field.description or "") + kind + default).replace("%", "%%")
        flags: dict[str, Any] = {"nargs": "*"} if is_list(field.annotation) else {"choices": choices}
        if field.annotation is bool:
            flags = {"action": argparse.BooleanOptionalAction}
        parser.add_argument("--" + name.replace("_", "-"), dest=name, required=field.is_required(), help=text, **flags)
    own = parser.add_argument_group("where and how")
    own.add_argument("--run", metavar="RUN", help="work in this run folder")
    own.add_argument("--target", default="installed", metavar="VERSION|PATH", help="the stageflow to work on")
    own.add_argument("--json", action="store_true", help="print the result record as JSON")
    if "timeout" not in chosen.args.model_fields and "seconds" in chosen.args.model_fields:
        own.add_argument("--timeout", dest="seconds", metavar="S", help="the same as --seconds")
    return parser


def context_for(chosen: Tool[Record, Record], args: argparse.Namespace, settings: Settings) -> ToolContext:
    """What the tool needs, made from the options."""
    if chosen.needs_run and not args.run:
        raise UsageError(f"{chosen.name} works in a run folder", hint="Name one with --run; list them with `python -m agent runs`.")
    workspace = find_run(args.run, settings.runs) if args.run else None

    def progress(text: str) -> None:
        sys.stderr.write(f"  {shown(text)}\n")

    target = resolve(args.target, settings, progress=progress) if chosen.needs_target or chosen.name == "read_docs" else None
    return ToolContext(settings, target, workspace, progress)


def decoded(chosen: Tool[Record, Record], given: dict[str, Any]) -> dict[str, Any]:
    """Command-line texts with JSON fields parsed; `@file` reads a file."""
    values = {}
    for name, value in given.items():
        text = Path(value[1:]).read_text(encoding="utf-8") if isinstance(value, str) and value.startswith("@") else value
        if is_structured(chosen.args.model_fields[name].annotation):
            try:
                text = json.loads(str(text))
            except ValueError as error:
                raise UsageError(f"--{name}: not valid JSON: {error}") from error
        values[name] = text
    return values


def show(result: Record, *, as_json: bool) -> None:
    """Print a result: JSON, or one line per field with texts in full."""
    if as_json:
        sys.stdout.write(shown_data(json.dumps(result.model_dump(mode="json"), indent=2, ensure_ascii=False)) + "\n")
        return
    console = Screen(highlight=False)
    for name, value in result.model_dump(mode="json").items():
        if isinstance(value, list) and value:
            console.print(f"[bold]{name}[/] ({len(value)})")
            for item in value:
                console.print(f"  {json.dumps(item, ensure_ascii=False) if isinstance(item, dict) else item}", markup=False, soft_wrap=True)
        else:
            console.print(f"[bold]{name}[/]: ", end="")
            console.print(str(value), markup=False, soft_wrap=True)
