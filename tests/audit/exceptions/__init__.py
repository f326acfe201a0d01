"""What looks wrong: rules on plain facts, the books of both databases, and the page."""
