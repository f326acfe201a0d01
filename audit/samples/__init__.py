"""Samples: rows drawn so that anybody can draw them again, what an auditor found of each, and what that says of all."""
