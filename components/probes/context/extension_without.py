"""Asking for an extension of a snapshot that has none gives None."""

from components.lab.probe import Case, Probe, Violation, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="ExtensionHelper.get raises AttributeError on a snapshot without extensions",
    claim="ExtensionHelper.get(ctx.snapshot.extensions, key, type) returns the extension, or None if not found.",
    source="docs/guides/context.md#typed-extensions",
    component="stageflow.extensions.ExtensionHelper.get",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="The documented way to read an optional extension fails the stage for every request that has none: the default "
    "of extensions is None.",
    recommendation="Treat None like an empty dict: ext_data = (data or {}).get(key).",
    workaround="ExtensionHelper.get(ctx.snapshot.extensions or {}, ...).",
    cause="stageflow.extensions:ExtensionHelper.get",
)

CASES = (Case("no extensions at all", {}),)


def verdict(get, extensions):
    try:
        found = get(extensions, "skills", dict)
    except AttributeError as error:
        raise Violation("None", f"AttributeError: {error}") from None
    if found is not None:
        raise Violation("None", repr(found))


@promised
def scenario(params):
    verdict(need("stageflow.extensions:ExtensionHelper.get"), need("stageflow.context:ContextSnapshot")().extensions)


def control(params):
    verdict(need("stageflow.extensions:ExtensionHelper.get"), {})
