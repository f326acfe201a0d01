"""Journeys of the people the service is for, told in a real browser over the demonstration year."""
