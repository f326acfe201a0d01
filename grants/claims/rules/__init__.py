"""What decides about claims: their course, their arithmetic, the self-audit, and what is known later."""
