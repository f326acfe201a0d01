"""Par levels: how many of a thing a place should hold."""
