"""Text that others wrote, made safe to show to a model: instructions in it are taken out, and it stands between marks it cannot forge."""

import hashlib
import re
import unicodedata

REMOVED = "[a line that read like an instruction was taken out]"
ACT = r"(?:ignore|disregard|forget|override|bypass)"
SECRET = r"(?:api[ _-]?keys?|passwords?|secrets?|credentials?|environment\s+variables?|system\s+prompt|\.env\b|/etc/passwd)"
INSTRUCTIONS = re.compile(
    rf"""\b{ACT}\b.{{0,40}}\b(?:previous|prior|above|earlier|preceding|all|any|your)\b.{{0,30}}\b(?:instructions?|prompts?|rules?|guidelines?|orders?)\b
    |\byou\s+are\s+now\b|\bfrom\s+now\s+on,?\s+you\b|\bnew\s+(?:system\s+)?instructions?\b|\bpretend\s+(?:to\s+be|that\s+you)\b
    |\b(?:reveal|print|send|leak|output|exfiltrate|email|upload)\b.{{0,40}}\b{SECRET}
    |\b(?:do\s+not|don't|never)\s+(?:tell|inform|alert|warn)\b.{{0,20}}\b(?:user|human|operator|anyone)\b
    |^\W*(?:system|assistant|developer|user|human)\W{{0,3}}:\s*\S.*\b(?:you|must|please|ignore|always|never)\b
    |\[/?INST\]|<</?SYS>>|^\s*\#{{2,}}\s*(?:system|new\s+instruction|assistant)\b|\bjailbreak\b""",
    re.I | re.X,
)
SPECIAL = re.compile(r"<\|[^|>\n]{0,40}\|>|</?(?:s|data[ \w-]*)>", re.I)
"""Tokens of chat templates, and our own marks."""


def neutral(text: str) -> tuple[str, int]:
    """`text` without invisible characters, chat-template tokens and lines that read like instructions; how many lines that took."""
    visible = "".join(c for c in text if c in "\n\t" or not unicodedata.category(c).startswith("C"))
    lines = [(line, bool(SPECIAL.search(line) or INSTRUCTIONS.search(line))) for line in visible.split("\n")]
    return "\n".join(REMOVED if bad else line for line, bad in lines), sum(bad for _, bad in lines)


def as_data(text: object) -> str:
    """`text` between marks that carry its own hash, so that nothing in it can close them early; a Jinja filter."""
    body = str(text)
    mark = hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"<data {mark}>\n{body}\n</data {mark}>"
