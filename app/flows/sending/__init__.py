"""Messages leave: what waits for its time, whose turn it is, through whom, in which words.

By what they are for; a test holds the list to the folder.

- Made apart from an alert's own fan-out: tell_waiting, tell_newcomers, what_stands, tell_duty.
- What one recipient gets: letters, own_words, acknowledge.
- Through whom, and how fast: providers, refusals, door, turnstile, bell.
- Written down: recording.
"""
