"""Reading and checking logs, line by line."""
