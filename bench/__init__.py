"""The benchmark: pages, the statement, posting and import, beside an anchor run on the same database.

``make bench`` builds a force with a history of 10,000 and of 100,000 moves, through the product's own services
and its bulk import, and measures what people wait for. Absolute figures drift with the machine, so each stands
beside an anchor measured in the same run: the same question as one bare SQL statement. Reads nothing outside
the clone; writes ``build/bench.json``.
"""
