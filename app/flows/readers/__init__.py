"""What readers see of roads: levels with their reasons, journeys; nothing only the desk sees."""
