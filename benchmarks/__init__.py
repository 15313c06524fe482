"""What a run costs, measured against what its rows cost anyway. Start with `make bench`."""
