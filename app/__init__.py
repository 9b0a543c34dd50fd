"""Sira: early warning for the roads of the Sahel."""
