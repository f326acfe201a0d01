"""The sealed pack: everything an auditor needs to check the books on a machine of their own."""
