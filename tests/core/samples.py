"""A finding for the tests of the ledger."""

BUG = {
    "title": "Fan-out loses outputs",
    "description": "d",
    "type": "bug",
    "severity": "high",
    "component": "c",
    "reproduction": "r",
    "impact": "i",
    "recommendation": "x",
}
