"""Restock requests: asked, approved, picked, sent, received, with every difference named."""
