"""Editions across languages: which translation is behind, what to swap, and which languages are held and asked for."""
