"""Reconciliation: bought, apportioned, received and in the ledger, by grant line and period, signed by two people."""
