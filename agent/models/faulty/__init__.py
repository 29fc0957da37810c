"""A loopback server that speaks Groq's chat format and misbehaves in one way, chosen by name."""
