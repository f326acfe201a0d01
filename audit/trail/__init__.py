"""The audit trail, read as sentences, and checked from its first entry to its last."""
