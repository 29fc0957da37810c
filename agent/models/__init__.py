"""Chat models behind one protocol, what may be sent to them, and what is made of their answers."""
