"""What a change does to the results."""
