"""The auditor's home, and the check of the ledger: nothing here changes stock or money."""
