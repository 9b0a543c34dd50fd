"""The outbox: the only part of delivery that knows the database.

By what they are for; a test holds the list to the folder.

- An alert becomes deliveries: fanning, making, chunks, sharing, moments, pace, newcomers,
  rehearsing, trial, counting.
- What waited is told in one message: gathering, digests.
- What it costs and may cost: paying, purse, budgets, spending.
- They leave: claiming, outcomes, calling, standings, workers.
- What became of them: receiving, settling, arriving, failing_over.
- Who took note, and who is told while nobody does: answering, unanswered, call_rounds,
  next_contact.
- Answers by hand to what people wrote: answers, answers_leaving.
- What the person on duty hears: notices.
- What people ask of it: listing, reach, vitals.
- Its order is kept: forgetting, restored, clock_back, clock_ahead.
- Parts of statements: among, joins, words.
"""
