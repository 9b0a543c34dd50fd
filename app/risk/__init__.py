"""HOW BAD: rules, hazard and ratings."""
