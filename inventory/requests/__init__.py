"""Restock requests: what a place asks its store for, and everything that happens until it has arrived.

``rules.py`` holds the course of a request as one pure state machine; the services ask it first and then record.
"""
