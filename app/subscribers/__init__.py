"""WHO: organisations, contacts, the vault and subscriptions; and what they write to us.

By what they are for; a test holds the list to the folder.

- Organisations and their people: contact, addresses, vault, countries, policy.
- What they want to hear of: subscription, targets.
- Whether they want to hear anything: invitation, consent_policy, signed_link, stop_link, silenced.
- A message comes in and is understood: commands, nowhere, message, understood; its words: lexicon,
  either, wording, glued, clauses, clock_words.
- What it speaks of: claims, transits, need, amending, at_once, bounded, accounted; where: spotting,
  whereabouts, together, whole_roads; when: dating, days.
- What goes to and fro: asking, answering, follow_ups, conversation; for who sits at the desk:
  for_person, answerable; how it is kept, and for how long: inbound_codec, inbound_policy.
- The database, the one part that is not pure: store.
"""
