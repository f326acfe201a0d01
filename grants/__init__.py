"""Who paid: awards and their lines, spending and its apportionment, the finance ledger, and the reports.

May read ``inventory``, never the reverse. This is where goods get their cost and their funding.
"""
