"""The worker and the clock."""
