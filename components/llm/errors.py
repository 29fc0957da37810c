"""What can go wrong between a stage and a chat model, by what helps.

ChatError                  base; `transient`: the same call may succeed later
|-- ChatUnavailable (yes)  no connection, a server error, a stream that broke off
|   `-- ChatTimeout (yes)  no whole answer in time
|-- RateLimited     (yes)  too many calls or tokens; carries when to come back
|-- ChatRefused     (no)   key, model or request: a person must act
`-- ChatMalformed   (no)   an answer that is none
"""


class ChatError(Exception):
    """Base of all errors of this package.

    Attributes:
        transient: whether the same call may succeed later.
        retry_after: seconds after which the provider wants to be asked again; None: it did not say.
        heard: text that a stream had handed on before it broke off; after that a call is never repeated.
    """

    transient = False

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.heard = ""


class ChatUnavailable(ChatError):
    """No connection, a server error, or a stream that broke off."""

    transient = True


class ChatTimeout(ChatUnavailable):
    """No whole answer in time."""


class RateLimited(ChatError):
    """Too many calls or tokens for now."""

    transient = True


class ChatRefused(ChatError):
    """The key, the model or the request is not accepted: a person must act."""


class ChatMalformed(ChatError):
    """An answer that is none."""
