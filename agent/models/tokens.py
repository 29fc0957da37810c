"""How many tokens a text will cost at most, without the tokenizer of the model it goes to.

Byte-level BPE, which Llama 3, gpt-oss and Qwen use, never makes more than one token of a byte, so digits, punctuation, line breaks and
bytes outside ASCII are counted one by one. Only words are estimated: English is near 4.3 letters a token in these vocabularies, so
a lower-case run is counted as one token for every 3 letters begun, and a run with capitals, which splits more, one for every 2.
What a provider reports afterwards corrects the estimate by a factor for its model: see `Limiter.observe`.
"""

import functools
import itertools
import json
import re
from collections.abc import Iterable
from typing import Any

from agent.core.chat import Message

PIECES = re.compile(r"[a-z]+|[A-Za-z]+|[ \t]+|[^ \tA-Za-z]")
PER_MESSAGE = 8
"""Role and delimiters; Llama 3 uses 5, gpt-oss 4 to 7."""
PER_REQUEST = 90
"""System text that a chat template adds by itself: about 25 tokens in Llama 3.1, about 70 in gpt-oss."""


@functools.lru_cache(maxsize=256)
def text_tokens(text: str) -> int:
    """An upper estimate for `text`."""
    pieces = [*PIECES.findall(text), ""]
    return sum(_piece(piece, after) for piece, after in itertools.pairwise(pieces))


@functools.lru_cache(maxsize=4_096)
def _piece(piece: str, after: str) -> int:
    if piece.isascii() and piece.isalpha():
        return -(-len(piece) // (3 if piece.islower() else 2))
    if piece == " ":
        return 0 if after and after.isascii() and not after.isdigit() and after != "\n" else 1
    if piece[0] in " \t":
        return -(-len(piece) // 4) + 1
    return len(piece.encode("utf-8", "surrogatepass"))


def prompt_tokens(messages: Iterable[Message], schema: dict[str, Any] | None = None) -> int:
    """An upper estimate for a request without its answer; a schema is counted because providers put it into the prompt."""
    turns = [text_tokens(message.content) + PER_MESSAGE for message in messages]
    return sum(turns) + PER_REQUEST + (text_tokens(json.dumps(schema)) if schema else 0)
