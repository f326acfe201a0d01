"""Grant reports: figures frozen once, painted as page, PDF and CSV."""
