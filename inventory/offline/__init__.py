"""Working without signal: what a phone may keep, and taking in what it noted meanwhile.

It owns no table. What a phone noted becomes an issue or an entry of a count through the services the pages use.
"""
