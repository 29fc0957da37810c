"""Keys are taken out of every text that is kept or shown."""

import re
from collections.abc import Iterable

from pydantic import SecretStr

from agent.core.secrets import MARK, without_secrets

KEY_SHAPES = re.compile(r"\b(?:gsk_|sk-|hf_|xai-)[A-Za-z0-9_\-]{8,}|(?<=Bearer )[A-Za-z0-9._~+/\-]{8,}=*")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def scrubbed(text: str, secrets: Iterable[SecretStr | None] = ()) -> str:
    """`text` without the given secrets, those of the environment, and anything that has the shape of a provider's key."""
    given = (secret.get_secret_value() for secret in secrets if secret is not None)
    return KEY_SHAPES.sub(MARK, without_secrets(text, given))


def one_line(text: str, secrets: Iterable[SecretStr | None] = (), limit: int = 300) -> str:
    """A stranger's message as it may be shown: without keys and control characters, on one line, cut."""
    line = CONTROL.sub("", " ".join(scrubbed(text[: limit * 8], secrets).split()))
    return line if len(line) <= limit else line[: limit - 1] + "…"
