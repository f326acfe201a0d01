"""Accounts, their roles at places, deputies, and signing in."""
