"""Usage: what was issued, restocked and written off by station in a period, and what is on hand at its end."""
