"""The JSON API, one router per resource; what several share, and large bodies, beside them.

By what they are for; a test holds the list to the folder.

- Reports and what is held to have happened: reports, report_bodies, reports_aside, reports_by,
  incidents, incident_bodies.
- Roads: places, routes, journeys, vocabulary.
- Rules: rules, rule_bodies, rulesets, rules_preview, preview_bodies, rules_schema.
- Who is told: organisations, contacts, contact_bodies, subscriptions, mutes, hours, invitations,
  join, unsubscribe, sign_ins, escalation, costs.
- What was said: alerts, alert_bodies, alert_why, acknowledging, webhooks, event_bodies.
- What comes from providers: twilio, calls, gateway, hearing.
- What people wrote to us: inbound, inbound_aside, answers, reporters, forced.
- Keys and the trail: keys, audit.
- The service itself: health, metrics, docs.
- Shared: bodies, offered.
"""
