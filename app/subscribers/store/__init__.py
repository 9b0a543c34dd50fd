"""Organisations, contacts and subscriptions in the database."""
