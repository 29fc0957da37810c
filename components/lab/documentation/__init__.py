"""The framework's documentation against the framework: what its examples name, call and print."""
