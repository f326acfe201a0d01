"""Closing an award: its outturn, what is given back, how long its papers are kept, and opening it again."""
