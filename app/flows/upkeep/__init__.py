"""The house is kept: started, backed up, moved, emptied of what has been kept long enough."""
