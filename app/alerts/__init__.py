"""WHAT WE SAY: whether to tell, and in which words.

By what they are for; a test holds the list to the folder.

- Whether a change is told, as what and to whom: decide, change, decision, audience, pacing, policy.
- When nothing new happened: expired, calm, remind; what a moderator writes: by_hand.
- What was told before: doubts, ends, answered, way_lost; to who did not know: first_word.
- An alert as a value: alert, records, codec.
- Its words: compose, wording, voice, whereabouts, dates, titles, beside, notes, fitting; where they
  are written: templates, texts, table.
- By channel: sms_text, asking, hand_written, email_text, spoken, aloud, webhook_event; several in
  one: digest.
- Other messages: replies, reply_texts, invitation_text, escalation_text.
- The database, the one part that is not pure: store.
"""
