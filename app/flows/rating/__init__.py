"""Roads are rated by the rules in force, and stored; how they stand."""
