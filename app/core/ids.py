"""Identifiers: UUID version 7, which sort by the time they were made."""

import os
import uuid
from datetime import datetime


def new_id(now: datetime) -> str:
    """Return a UUIDv7 as text: 48 bits of milliseconds, 74 random bits.

    Source: RFC 9562, 5.7.
    """
    millis = int(now.timestamp() * 1000)
    rand = int.from_bytes(os.urandom(10), "big")
    value = (millis & 0xFFFFFFFFFFFF) << 80
    value |= 0x7 << 76
    value |= (rand >> 68 & 0xFFF) << 64
    value |= 0b10 << 62
    value |= rand & 0x3FFFFFFFFFFFFFFF
    return str(uuid.UUID(int=value))
