"""Small ways to compare values and to catch what a call raises, for probes of helpers and value types."""

import inspect
import json
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import FrameType
from typing import Any

from components.lab.probe import NotApplicable, need


def canonical(value: Any) -> str:
    """JSON text with sorted keys: tells `1`, `1.0` and `true` apart, which `==` does not."""
    return json.dumps(value, sort_keys=True)


def raised(call: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """Name of the exception class that the call raises; empty when it returns."""
    try:
        call(*args, **kwargs)
    except NotApplicable:
        raise
    except Exception as error:
        return type(error).__name__
    return ""


async def error_awaited(awaitable: Awaitable[Any]) -> str:
    """Name of the exception class that awaiting raises; empty when it returns."""
    try:
        await awaitable
    except NotApplicable:
        raise
    except Exception as error:
        return type(error).__name__
    return ""


def run_target() -> None:
    """Run one function of stageflow, so that the runner sees that the target was there when a claim is about names only."""
    from stageflow import StageOutput  # the target, not a dependency of this module

    StageOutput.ok()


def need_described_release() -> None:
    """Go on only where the pages apply that the probes of the documentation were written from: older releases lack what these describe.

    Raises:
        NotApplicable: the target is older.
    """
    need("stageflow.stages.payloads")


def calls_counted(work: Callable[[], Any]) -> int:
    """How many Python and C functions are called while `work` runs; replaces the profiler of this thread."""
    count = 0

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        if event in ("call", "c_call"):
            count += 1

    saved = sys.getprofile()
    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(saved)
    return count


def scripted_fetcher(script: list[Any], **options: Any) -> Any:
    """A websearch fetcher that plays `script` (an HTTP status, `(status, html)` or an exception per request; the last repeats).

    `made` lists the requests as `(url, headers, timeout)`; `options` are those of `Fetcher`.
    """
    base: Any = need("stageflow.websearch.fetcher:Fetcher")
    result = need("stageflow.websearch.fetcher:FetchResult")

    class ScriptedFetcher(base):  # type: ignore[misc]
        """Plays the script."""

        def __init__(self) -> None:
            super().__init__(**options)
            self.made: list[tuple[str, dict[str, str], float]] = []

        async def _do_fetch(self, url: str, *, timeout: float, headers: dict[str, str], follow_redirects: bool) -> Any:
            step = script[min(len(self.made), len(script) - 1)]
            self.made.append((url, headers, timeout))
            if isinstance(step, Exception):
                raise step
            status, html = step if isinstance(step, tuple) else (step, "<p>text</p>")
            return result(url=url, final_url=url, status_code=status, content=html.encode(), content_type="text/html; charset=utf-8")

    return ScriptedFetcher()


def page_client(pages: dict[str, str], **options: Any) -> Any:
    """A WebSearchClient over `{url: html}` without network; other addresses answer 404; `options` are those of the client.

    It uses the regular-expression extractor, which needs no optional package, unless `options` says otherwise.
    """
    extractors = need("stageflow.websearch.extractor")
    mock = need("stageflow.websearch.fetcher:MockFetcher")({url: (200, html, {"content-type": "text/html"}) for url, html in pages.items()})
    settings: dict[str, Any] = {"fetcher": mock, "extractor": extractors.FallbackContentExtractor()}
    settings["navigator"] = need("stageflow.websearch.navigator:FallbackNavigator")()
    return need("stageflow.websearch:WebSearchClient")(**(settings | options))


def module_names(containing: str = "") -> list[str]:
    """Dotted names of the target's modules whose source contains the text, by its files, sorted; none of them is imported."""
    folder = Path(need("stageflow").__file__).parent
    files = [path for path in folder.rglob("*.py") if containing in path.read_text(encoding="utf-8")]
    names = {(folder.name, *path.relative_to(folder).with_suffix("").parts) for path in files}
    return sorted({".".join(parts).removesuffix(".__init__") for parts in names})


def documented_arguments(function: Callable[..., Any]) -> list[str]:
    """Argument names in the `Args:` section of a docstring, in order; `*args` and `**kwargs` are left out."""
    lines = iter((inspect.getdoc(function) or "").splitlines())
    names: list[str] = []
    for line in lines:
        if line.strip() == "Args:":
            break
    depth = None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        depth = indent if depth is None else depth
        if not line.strip() or indent < depth:
            break
        if found := re.match(r"(\w+)\s*(\([^)]*\))?:", line.strip()) if indent == depth else None:
            names.append(found.group(1))
    return names
