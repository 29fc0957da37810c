"""One module per phase: a plan (a generator of actions that ends in the phase's record) and an exit gate."""
