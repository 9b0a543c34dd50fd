"""WHERE: places, sections, corridors and how to find them."""
