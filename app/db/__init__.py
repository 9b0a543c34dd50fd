"""The database: engine, column types, tables; only stores and composition code import it."""
