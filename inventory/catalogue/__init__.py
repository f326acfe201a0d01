"""Items, editions of printed matter, and kit recipes."""
