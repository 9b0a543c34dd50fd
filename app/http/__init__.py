"""What every HTTP edge shares: problems, pagination, dependencies."""
