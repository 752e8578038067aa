"""The shipped plugins: one file per command family, and one per niche with a live queue."""
