"""Organisations and their people in the database, and what they wrote to us.

By what they are for; a test holds the list to the folder.

- Organisations: organisations, call_lists, mutes.
- Contacts and their addresses: contacts, people, names, addresses, webhooks, hours, tariffs, reach,
  sealed.
- What they want to hear of: subscriptions, listeners.
- Who wants nothing: invitations, unwanted, wishes.
- Messages that came in: inbound, senders, unread, forced.
"""
