"""Usage: what was issued, from where, in which booklet language, over a period."""
