"""The auditor's home."""
