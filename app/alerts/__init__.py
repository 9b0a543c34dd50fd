"""WHAT WE SAY: whether to tell, and in which words."""
