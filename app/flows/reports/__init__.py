"""A report on its way in: taken, placed, believed or kept; what its sender is told of it."""
