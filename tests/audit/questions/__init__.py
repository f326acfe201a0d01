"""Questions: who asks, who answers, who sees them, and what may follow what."""
