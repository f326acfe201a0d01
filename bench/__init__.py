"""The benchmark: the neutral workload's questions, pages, posting and import, each beside its anchor and its target.

``make bench`` draws the workload (``bench/workload``), brings it in through the product's own services and its import
of history, asks the product the workload's questions and compares its answers with the reference; then it measures
what people wait for on the same database. Absolute figures drift with the machine, so each answer stands beside the
same question as one bare SQL statement, measured in the same run, with their ratio; the head of the table says how
fast the machine is and which journal SQLite keeps. Reads nothing outside the clone; writes ``build/bench.json``.
"""
