"""Samples: drawing, results, projection, working papers."""
