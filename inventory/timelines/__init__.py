"""What happened to a lot, a handset or SIM, or a place: one readable timeline, on two clocks."""
