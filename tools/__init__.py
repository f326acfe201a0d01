"""The small programs that ready a machine for the service: assets, and what the tests need."""
