"""Every error the product raises on purpose, by audience.

    AgentError                      base; `hint` says what to do next, `exit_code` what the shell sees
    |-- UsageError            (2)   a person typed or wrote something that cannot be used
    |   |-- UnknownEntry            no such roadmap entry
    |   |-- InvalidArguments        a tool was called with arguments that its record does not allow
    |   |-- InvalidFinding          a finding's JSON does not match its schema
    |   |-- NothingToResume         no stopped run to go on with
    |   `-- RunDamaged              a file of a run is not what the mission left, or of another format
    |-- EnvironmentUnfit      (4)   this machine cannot do it
    |   |-- TargetUnavailable       stageflow is missing, too old, or cannot be installed
    |   |-- WorkspaceUnwritable     the run folder cannot be written
    |   `-- RunLocked               another process works on this run
    |-- LimitReached          (3)   the machine or the time given ran out; what was done is kept and the mission can go on
    |-- ModelError            (-)   a chat model did not answer; the mission goes on with the playbook
    |   |-- ModelLimited            a rate limit; carries when to come back
    |   |-- ModelTooLarge           the request does not fit the model or the limit
    |   |-- ModelRefused            wrong key, no such model, not allowed: a person must act
    |   |-- ModelUnavailable        network, time-out, server error, cut stream
    |   `-- ModelMalformed          an answer without the form that was asked for; carries its text
    |-- WorkspaceEscape       (2)   a path would leave the run folder
    `-- ToolFailed            (-)   a tool could not do its job; the mission records it and goes on

A stop by a person is not an error: see `agent.commands.stopping`. Errors of the system become one of these in `agent.core.shortage`.
"""


class AgentError(Exception):
    """Base of all deliberate errors.

    Attributes:
        hint: one sentence that says what to do next, shown under the message.
        exit_code: what the command line returns when nobody handles it.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(AgentError):
    """A person typed or wrote something that cannot be used."""

    exit_code = 2


class UnknownEntry(UsageError):
    """The roadmap has no entry of that id."""


class InvalidArguments(UsageError):
    """A tool was called with arguments that its record does not allow."""


class InvalidFinding(UsageError):
    """A finding's JSON is malformed, lacks a field, or has a value outside its schema."""


class NothingToResume(UsageError):
    """There is no stopped run to go on with."""


class RunDamaged(UsageError, ValueError):
    """A file of a run folder cannot be used: damaged, or of another format."""


class EnvironmentUnfit(AgentError):
    """This machine cannot do what was asked."""

    exit_code = 4


class TargetUnavailable(EnvironmentUnfit):
    """The stageflow under test is missing, too old, or cannot be installed."""


class WorkspaceUnwritable(EnvironmentUnfit):
    """The run folder cannot be created or written."""


class RunLocked(EnvironmentUnfit):
    """Another live process works on this run."""


class LimitReached(AgentError):
    """A disk, memory, a bound on handles or processes, or the time given ran out; what was done is kept."""

    exit_code = 3


class WorkspaceEscape(UsageError):
    """A path would leave the run folder."""


class ToolFailed(AgentError):
    """A tool could not do its job; the mission records the reason and goes on."""


class ModelError(AgentError):
    """A chat model did not answer; the mission goes on with the playbook."""


class ModelLimited(ModelError):
    """A rate limit was met.

    Attributes:
        retry_after: seconds until it may be tried again; None when the provider did not say.
        scope: the period of the limit, as far as it is known.
    """

    def __init__(self, message: str, *, hint: str = "", retry_after: float | None = None, scope: str = "unknown") -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after
        self.scope = scope


class ModelTooLarge(ModelError):
    """The request does not fit the model's context or a limit, however long one waits."""


class ModelRefused(ModelError):
    """The provider will not serve this key or model: a person must act."""


class ModelUnavailable(ModelError):
    """The provider cannot be reached, took too long, failed, or cut its answer off."""


class ModelMalformed(ModelError):
    """The provider says, or it can be seen, that the answer has not the form that was asked for.

    Attributes:
        text: what the model wrote, to be salvaged.
    """

    def __init__(self, message: str, *, hint: str = "", text: str = "") -> None:
        super().__init__(message, hint=hint)
        self.text = text
