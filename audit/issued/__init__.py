"""Issued reports: the register as pages, making a report again, and saying whether a document is the one issued."""
