"""What the sandbox stops, attack by attack."""
