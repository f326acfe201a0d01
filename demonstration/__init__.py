"""The demonstration year: twelve months of a force like Wiltshire's, up to yesterday.

Everything is loaded through the services that people use, act by act, each at its own moment, by the person who
would have done it; so the demonstration proves the product, and every figure in it has its trail. The same day
gives the same year: what is random comes from one seeded generator. Only slips and the salts of notes differ,
since no slip may ever be foreseeable.

It is an area of its own, above all others, because it drives all of them (docs/adr/0006).
"""
