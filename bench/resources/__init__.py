"""Takes from missions what they need, one thing after the other, and looks at what they say and what is left."""
