"""The three-way match: what was ordered, what came, what is billed, and why the three differ."""
