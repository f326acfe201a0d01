"""Closing a place: allowed once nothing stands there, nothing is on its way, and nobody works there."""
