"""GETTING IT THERE: the state machine of a delivery, retries and the outbox."""
