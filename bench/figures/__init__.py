"""What the product costs, beside its floors and what a user would pick instead: every figure of `make bench`."""
