"""What the builders and the registry raise is what the Raises section of their docstring names."""

import warnings

from components.lab.probe import Case, NotApplicable, Probe, Violation, need

PROBE = Probe(
    title="A method of the builders or the registry raises another exception than its docstring names",
    claim="The exception named under Raises is the one that is raised for the case that is described there.",
    source="docstring:stageflow.pipeline.builder.PipelineBuilder.build",
    component="stageflow.pipeline.builder.PipelineBuilder.build",
    subsystem="builder",
    category="observability",
    type="documentation",
    consequence="misleading",
    silent=False,
    default_setup=True,
    impact="An except clause written after the docstring does not catch the error.",
    recommendation="Name the exception that is raised, or derive it from the named one.",
)

BUILDER = "stageflow.pipeline.builder.PipelineBuilder"
CASES = (
    Case(
        "PipelineBuilder.build",
        {"call": "legacy build", "documented": "ValueError"},
        title="PipelineBuilder.build() of an empty pipeline raises PipelineValidationError; its docstring names ValueError",
        cause="docs:PipelineBuilder.build raises ValueError",
    ),
    Case(
        "PipelineBuilder.compose",
        {"call": "legacy compose", "documented": "PipelineValidationError"},
        component=f"{BUILDER}.compose",
    ),
    Case(
        "Pipeline.build",
        {"call": "build", "documented": "PipelineValidationError"},
        component="stageflow.pipeline.pipeline.Pipeline.build",
    ),
    Case("PipelineRegistry.get", {"call": "get", "documented": "KeyError"}, component="stageflow.pipeline.registry.PipelineRegistry.get"),
)


class First:
    async def execute(self, ctx):
        return {}


class Second(First):
    pass


def attempt(call):
    """Do what the docstring says is refused."""
    if call == "get":
        need("stageflow.pipeline.registry:PipelineRegistry")().get("unknown")
    elif call == "build":
        need("stageflow:Pipeline")().build()
    elif call == "legacy build":
        need("stageflow.pipeline.builder:PipelineBuilder")(name="p").build()
    else:
        make = need("stageflow.pipeline.builder:PipelineBuilder")
        make(name="p").with_stage("a", First).compose(make(name="q").with_stage("a", Second))


def documented_in(call, name):
    """Whether the docstring still names that exception."""
    owners = {"get": "stageflow.pipeline.registry:PipelineRegistry.get", "build": "stageflow:Pipeline.build"}
    legacy = f"stageflow.pipeline.builder:PipelineBuilder.{call.split()[-1]}"
    return f"{name}:" in (need(owners.get(call, legacy)).__doc__ or "")


def judge(call, documented):
    try:
        call()
    except NotApplicable:
        raise
    except Exception as error:
        if documented not in [kind.__name__ for kind in type(error).__mro__]:
            raise Violation(f"{documented}, as documented", type(error).__name__) from error
    else:
        raise Violation(f"{documented}, as documented", "no exception")


def scenario(params):
    warnings.simplefilter("ignore")
    if not documented_in(params["call"], params["documented"]):
        raise NotApplicable("this docstring names another exception, or none")
    judge(lambda: attempt(params["call"]), params["documented"])


def control(params):
    class PipelineValidationError(Exception):
        pass

    def refuse():
        raise {"ValueError": ValueError, "KeyError": KeyError}.get(params["documented"], PipelineValidationError)("no")

    judge(refuse, params["documented"])
