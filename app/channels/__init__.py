"""Providers, one module each, independent of one another."""

import os

# Read once, by the allocator that the HTTP client brings along: else it asks the system for pages
# of 2 MiB, uses a little of each, and all of it counts.
os.environ.setdefault("MIMALLOC_ALLOW_THP", "0")
