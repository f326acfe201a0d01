"""Par levels: how many of each thing a place should hold, set by a person and never overwritten."""
