"""One scenario per file, `<area>/<name>.py`: a workload, a fault, an oracle, and the claim it tests."""
