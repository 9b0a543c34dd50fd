"""WHERE: places, sections, corridors and how to find them.

By what they are for; a test holds the list to the folder.

- A report is placed, step by step: locating, case, by_name, by_road, by_distance, by_area; where it
  is more than a spot: several, whole_road.
- Its words are taken apart: phrases, distances, spelt, road_word, roadpoints, area_words,
  bare_name, in_town.
- Which of the places of a name is meant: choosing, hints, pairs, told_distance, named_road.
- What was found, as a location: placing, places, codec.
- Every place that is known: gazetteer, names, folding, areas, importing, store.
- The network: network, sections, stretches, loading, geojson, outlines, geometry.
"""
