"""What we hold, where, and in what state. Knows nothing of cost: ``grants`` adds it."""
