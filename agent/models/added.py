"""What a model added to a run beside the playbook's own files: where it is kept, and its prose in the form that is printed."""

import re

RESEARCH = "results/records/model/research.json"
"""Further searches, the passages that were read, and the accepted hypotheses, linked both ways."""
SUMMARY = "results/records/model/summary.json"
"""The paragraph that passed its check."""


def one_line(text: str) -> str:
    """Prose without line breaks and without what a page would take for markup."""
    return re.sub(r"[<>|#*\[\]]", "", " ".join(text.split()))
