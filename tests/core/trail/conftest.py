"""A service whose log is signed."""

from tests.audit.signing import outside, signing

__all__ = ["outside", "signing"]
