"""The database: engine, column types, tables; only stores and composition code import it.

By what they are for; a test holds the list to the folder.

- The tables: tables.
- Units of work: engine, sqlite_engine, private_file, patient, turns, illness; work that is not
  kept: trial, scratch.
- What SQLite and PostgreSQL say alike: base, types, ids, json, append_only, refused.
- Between processes: wake, server_clock.
- The whole of it is brought to the newest revision, copied, moved: migrate, copying, moving.
"""
