"""What became of messages that left: arrived, in doubt, lost; and what is done about it.

By what they are for; a test holds the list to the folder.

- What comes back: receipts, returned_mail, calls, send_answers.
- Doubts, settled by asking: settle, silent_log.
- What did not arrive: fail_over, find_unreachable.
- Nobody answers: escalate, call_list.
"""
