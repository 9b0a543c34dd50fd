"""What operators and whoever is on duty must know of: is what was promised being done."""
