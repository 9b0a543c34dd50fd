"""WHAT HAPPENED: reports, the incidents they speak of, and how far to believe them.

By what they are for; a test holds the list to the folder.

- A report, from what was sent to what is kept: filed, csvfile, pastfile, reading, report, personal,
  codec.
- What its words name: words, kinds, cargo, figures, naming, named_before.
- What they say besides: starting, denying, correcting, tallies, sabotaged; of a road that is open:
  opening_words, openings; of what passed: escorts.
- Which incident it speaks of: matching, called, nearness, own_day, told_day.
- Reports make an incident: incident, joining, most_said.
- How far it is believed: credibility, origins, copies, reputation.
- What ends it, and what a moderator decides: answering, opened, verdicts.
- What may be tuned of all this: policy.
- The database, the one part that is not pure: store.
"""
