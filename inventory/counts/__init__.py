"""Counting what stands at a place, and setting the ledger right by what was seen.

Nothing freezes while a count goes on. Each line keeps the moment it was seen, and is compared with the ledger as at
that moment, reckoned anew when the count is approved: what moved before or after, and slips recorded late, do no harm.
Who counts sees no expected figure; a large difference is counted again by a second person; another one approves.
"""
