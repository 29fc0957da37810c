"""Audio is logged as text with its full size and at most the asked number of bytes."""

import base64
import re

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="encode_audio_for_logging logs a wrong size, or more or fewer bytes than asked for",
    claim="The text has the size of the data and the first max_bytes bytes in base64, and says when it was cut.",
    source="docs/guides/voice-audio.md#binary-safe-logging",
    component="stageflow.helpers.encode_audio_for_logging",
    subsystem="streaming",
    category="observability",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Logs swell with audio, or the sample in them cannot be decoded.",
    recommendation="Encode data[:max_bytes] and mark it as a sample only when the data is longer.",
)

CASES = tuple(
    Case(f"{size} of {limit}", {"size": size, "limit": limit})
    for size, limit in ((0, 100), (99, 100), (100, 100), (101, 100), (32000, 100), (5, 2))
)


def plain(data, max_bytes):
    """The documented text."""
    sample = base64.b64encode(data[:max_bytes]).decode()
    return f"<audio:{len(data)}B,sample:{sample}...>" if len(data) > max_bytes else f"<audio:{len(data)}B,data:{sample}>"


def verdict(encode, params):
    data = bytes(n % 256 for n in range(params["size"]))
    found = re.fullmatch(r"<audio:(\d+)B,(sample|data):([A-Za-z0-9+/=]*)(\.\.\.)?>", encode(data, params["limit"]))
    cut = params["size"] > params["limit"]
    seen = found and [found[1], found[2], base64.b64decode(found[3]) == data[: params["limit"]], bool(found[4])]
    expect_equal(seen, [str(params["size"]), "sample" if cut else "data", True, cut], "[size, word, right bytes, dots]")


@promised
def scenario(params):
    verdict(need("stageflow.helpers.streaming:encode_audio_for_logging"), params)


def control(params):
    verdict(plain, params)
