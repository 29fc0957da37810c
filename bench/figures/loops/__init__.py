"""Programs that make steps with a model and a tool: ours, and what stands beside it. Each is a process of its own."""
