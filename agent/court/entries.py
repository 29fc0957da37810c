"""Puts a proof into the words of the finding schema; every sentence is declared by the probe or was observed."""

from typing import Any

from agent.core.artifacts import Proof
from agent.court.catalogue import ProbeCard
from agent.court.severity import severity


def bug_entry(card: ProbeCard, proof: Proof, version: str) -> dict[str, Any]:
    """A confirmed defect as the bug schema wants it; every sentence is declared by the probe or was observed."""
    return {
        "title": proof.title,
        "description": f"{card.claim} Expected {proof.expected}; observed {proof.observed}.",
        "type": card.type,
        "severity": severity(card),
        "component": proof.key.partition("@")[2],
        "reproduction": f"Run this finding's repro.py with stageflow-core {version}: exit status 1 shows the defect.",
        "expected_behavior": f"{proof.expected} (source: {card.source})",
        "actual_behavior": proof.observed,
        "impact": card.impact,
        "recommendation": card.recommendation + (f" Workaround: {card.workaround}" if card.workaround else ""),
        "context": f"Probe {card.id}, case {proof.case}. {proof.reason[0].upper()}{proof.reason[1:]}.{also(proof)}",
    }


def also(proof: Proof) -> str:
    """Further sightings of the same defect, as a sentence; empty when there are none."""
    return f" The same cause is behind {', '.join(proof.also_seen)}." if proof.also_seen else ""


def documentation_entry(card: ProbeCard, proof: Proof) -> dict[str, Any]:
    """A page that contradicts the behaviour, as the DX schema wants it."""
    return {
        "title": documentation_title(proof),
        "description": f"{card.claim} Expected {proof.expected}; observed {proof.observed}.",
        "category": "documentation",
        "severity": severity(card),
        "component": proof.key.partition("@")[2],
        "context": f"Source {card.source}. {proof.reason[0].upper()}{proof.reason[1:]}.{also(proof)}",
        "impact": card.impact,
        "recommendation": card.recommendation,
    }


def documentation_title(proof: Proof) -> str:
    """Such a page's mistake in one line."""
    return f"{proof.title}: {proof.observed}"[:200]
