"""The outbox: the only part of delivery that knows the database.

fanning.py     an alert becomes one delivery per contact and channel
chunks.py      whom a large bundle reaches first, and next
claiming.py    deliveries are taken under a lease, and what became of them is written down
settling.py    doubts, lost leases, receipts, expiry
listing.py     what people ask: deliveries of an alert, counts, who was not reached
forgetting.py  deliveries whose time is over go, with all that belongs to them
"""
