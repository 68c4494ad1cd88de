"""What a deliberation is. Pure: no I/O, no clock, no randomness; time comes in as an argument."""
