"""What operators look at: logs without a word of members, metrics and traces."""
