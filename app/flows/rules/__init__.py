"""An admin changes the rules: looked at, checked, numbered, in force; what follows from it."""
