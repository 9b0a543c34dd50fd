"""Organisations and their people: who listens to what, who may sign in, who wants nothing more.

By what they are for; a test holds the list to the folder.

- An organisation's own: own_affairs, own_people, own_subscriptions, would_have.
- Somebody begins to listen: subscribe, invite, send_invitations, try_contact.
- Somebody ends it: opt_out.
- Signing in: sign_in_code; keys: make_key, revoke_key.
"""
