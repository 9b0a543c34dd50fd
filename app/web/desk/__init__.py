"""The desk, `/desk`: what waits for a person, and what a moderator decides of it, in two steps.

- What waits: inbox, lists.
- One of it, and what may be decided of it: incident, alert, unplaced, message, forced, say.
- The two steps, first what would come of it, then the word: deciding, foreseen, place.
- In words: values, told.
"""
