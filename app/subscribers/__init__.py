"""WHO: organisations, contacts, the vault and subscriptions."""
