"""What mentorbot reads: the niches and their guides, the ranking's weights, and the demo's invented community."""
