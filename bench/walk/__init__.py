"""A newcomer's walk through the README, command by command, in a place where nothing else is."""
