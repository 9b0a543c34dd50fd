"""The desk: what waits there, and what somebody there decides, writes and would bring about.

By what they are for; a test holds the list to the folder.

- What it sees: desk_inbox, desk_alert, desk_file, desk_closures, desk_messages; who works on
  what: desk_hold.
- What is decided: moderate, unlocated, speak_by_hand; what that would bring about: foresee.
- Messages of phones: write_back, of_message, set_messages_aside.
"""
