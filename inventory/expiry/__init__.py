"""What expires, and what can no longer be used: on shelves, in Go Bags and on the way, with what to do next."""
