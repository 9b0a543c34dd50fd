"""Providers, one module each, independent of one another.

By what they are for; a test holds the list to the folder.

- What a provider is, and which serves which channel: base, registry.
- Twilio: twilio_sms, twilio_calls, twilio_whatsapp; what they share: twilio_account, twilio_client,
  twilio_answers, twilio_errors, twilio_names; what a call says: scripts, voice_script.
- An SMS gateway: http_gateway, gateway_replies, gateway_links; any other service: apprise_sms.
- E-mail: smtp, smtp_message, smtp_replies; mail that came back: returned_mail.
- Programs of organisations: webhook, webhook_endpoint, public_http, public_addresses, host_names.
- None of them: console.
- Connections that are kept: http_pool.
"""

import os

# Read once, by the allocator that the HTTP client brings along: else it asks the system for pages
# of 2 MiB, uses a little of each, and all of it counts.
os.environ.setdefault("MIMALLOC_ALLOW_THP", "0")
