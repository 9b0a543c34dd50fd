"""One file per use case: the stories, told top to bottom."""
