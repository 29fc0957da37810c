"""A model that reads its answers from a file."""

from agent.core.chat import Reply, Request
from agent.core.errors import ModelUnavailable, UsageError
from agent.core.settings import Settings
from agent.models.script import Script, read_script


class ScriptedModel:
    """Says what its script says, once each."""

    provider = "scripted"
    name = "scripted"
    constrains = False

    def __init__(self, script: Script) -> None:
        self._script = script

    def complete(self, request: Request, *, seconds: float) -> Reply:
        """The script's next reply to that request; see `ChatModel`."""
        line = self._script.next(request.name, "\n".join(message.content for message in request.messages))
        if line is None:
            raise ModelUnavailable(f"scripted: no reply is left for {request.name}")
        return Reply(text=line.text, finish=line.finish, usage=None, model=self.name)


def connect(settings: Settings) -> ScriptedModel:
    """The script of the settings.

    Raises:
        UsageError: there is none, or it cannot be read.
    """
    if settings.script is None:
        raise UsageError("the provider scripted needs a file of replies", hint="Name it with `--script FILE`.")
    return ScriptedModel(read_script(settings.script))
