"""HOW BAD: rules, hazard and ratings.

By what they are for; a test holds the list to the folder.

- A section is rated: rate, rating, hazard, policy; from: evidence, weighing, columns.
- What holds for which section: own_road, closures, lifted, contradictions.
- A long past, of which little is looked at: keeping, beyond, cache.
- Why, for people: reasons, explain.
- What is kept of it: kept, codec.
- Rules: rules, rulebook; their conditions: cel, tokens, vocabulary, place_names; looked at before
  they hold: checking, problems, unfit, silence, samples, examples, example_form; how they come into
  force: publishing, shipped.
- Where to drive: journeys, ways, road_graph, journey_policy, journey_words.
- How good ratings were: backtest, past, playing, rivals, scores, warned; fitted to what happened:
  calibration, likelihood, coefficients.
- The database, the one part that is not pure: store.
"""
