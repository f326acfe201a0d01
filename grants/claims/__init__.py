"""Claims: what a funder is asked to pay for a period, from the first draft to the last payment.

A claim is made from recorded facts and an estimate where an invoice is still to come; signing freezes it. Later facts
never change a signed claim: they are carried by the next one, and stand on a page of their own until then.
"""
