"""The lab: building blocks of probes and pipelines. Standard library and stageflow only."""
