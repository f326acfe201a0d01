"""Tests of the house itself: its layers, its access, its pages, its code."""
