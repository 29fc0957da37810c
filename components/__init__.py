"""Everything that runs inside the sandbox, beside the stageflow under test. Imports neither agent nor tools."""
