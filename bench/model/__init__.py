"""What a model adds to missions, and that a bad one takes nothing away."""
