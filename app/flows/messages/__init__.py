"""A message of a phone comes in: read, acted on once through the flows that the API uses, answered.

By what they are for; a test holds the list to the folder.

- The story: inbound_sms; read: inbound_reading, understand; acted on: inbound_effects.
- What somebody asks for: inbound_news, inbound_subscribe, join_by_sms.
- Whoever may not be free, or not who he says: duress, as_believed, forged_numbers.
- A question of ours that nobody answers: unanswered.
"""
