"""What is told of roads that were rated again, from what changed to the words.

By what they are for; a test holds the list to the folder.

- What could be said of a route, and whether it is: telling, statements, besides, calm.
- From what is said to words: bundle, facts, towns, render.
- Another road to take, and its loss: alternatives, lost_ways.
- Made again later, to the same bytes: alert_evidence.
"""
