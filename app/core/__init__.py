"""What every stage may use: clock, errors, ids, logging."""
