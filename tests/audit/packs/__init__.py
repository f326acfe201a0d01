"""Tests of the sealed pack."""
