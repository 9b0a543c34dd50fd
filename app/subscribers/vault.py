"""The vault: names and addresses sealed, found again without being opened.

Two kinds of keys. **Sealing keys** encrypt; they rotate: the first listed seals, all listed open.
The **index key** (its id is `index`) makes blind indexes and tokens, by which an address is found
and kept unique; it must never change, for every index would then be another. It is listed by its
own name, rather than derived from the oldest sealing key, so that dropping an old sealing key
after a rotation cannot silently take the index with it.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from typing_extensions import override

from app.core.errors import ConfigError

INDEX_KEY = "index"
KEY_BYTES = 32
#: Source: NIST SP 800-38D, 8.2.2: random 96-bit nonces, good for 2^32 seals under one key.
NONCE_BYTES = 12

_KEY_ID = re.compile(r"[A-Za-z0-9-]{1,16}")


class VaultKeyError(ConfigError):
    """A key of the vault is missing, malformed, or not the one that sealed."""


class Vault:
    """Seals and opens texts; made by `parse`.

    `newest` is the id of the key that seals.

    A sealed text is `length of key id (1 byte) | key id | nonce | ciphertext and tag`, bound to
    its row and field, so that one row's address cannot be passed off as another's.
    """

    def __init__(self, sealing: Mapping[str, bytes], index: bytes) -> None:
        self._sealing = {key_id: AESGCM(key) for key_id, key in sealing.items()}
        self.newest = next(iter(sealing))
        self._index = index

    @classmethod
    def parse(cls, text: str) -> "Vault":
        """Return the vault of `id:base64key,...`, newest sealing key first, and one `index:` key.

        Raises:
            VaultKeyError: what is wrong, and how to mend it; never any key material.
        """
        keys: dict[str, bytes] = {}
        for entry in filter(None, (part.strip() for part in text.split(","))):
            key_id, key = _parse_key(entry, number=len(keys) + 1)
            if key_id in keys:
                raise VaultKeyError(f"vault key `{key_id}` is listed twice")
            keys[key_id] = key
        index = keys.pop(INDEX_KEY, None)
        if index is None:
            raise VaultKeyError(
                "the vault keys have no `index:` entry: it finds addresses and never changes; "
                "take it from the backup of the key file, or, for an empty database, "
                "add `index:` and 32 random bytes in base64"
            )
        if not keys:
            raise VaultKeyError("the vault keys have no sealing key: add `k1:` and 32 random bytes")
        return cls(keys, index)

    @override
    def __repr__(self) -> str:
        return f"Vault(sealing={list(self._sealing)}, newest={self.newest!r})"

    def seal(self, text: str, *, row_id: str, field: str) -> bytes:
        """Return `text` sealed with the newest key, for this row and field alone."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._sealing[self.newest].encrypt(nonce, text.encode(), _bound(row_id, field))
        key_id = self.newest.encode()
        return bytes([len(key_id)]) + key_id + nonce + sealed

    def open(self, sealed: bytes, *, row_id: str, field: str) -> str:
        """Return the text that `seal` was given.

        Raises:
            VaultKeyError: its key is not listed, or it was sealed for another row, or changed.
        """
        key_id, nonce, ciphertext = _split(sealed)
        key = self._sealing.get(key_id)
        if key is None:
            raise VaultKeyError(
                f"{field} of {row_id} was sealed with the vault key `{key_id}`, which is not "
                "listed: put it back behind the newest one and rotate before dropping it"
            )
        try:
            return key.decrypt(nonce, ciphertext, _bound(row_id, field)).decode()
        except InvalidTag as error:
            raise VaultKeyError(
                f"{field} of {row_id} does not open with the vault key `{key_id}`: "
                "it was changed, moved from another row, or the key is not the one that sealed it"
            ) from error

    def is_current(self, sealed: bytes) -> bool:
        """Tell whether `sealed` was sealed with the newest key."""
        return _split(sealed)[0] == self.newest

    def rotate(self, sealed: bytes, *, row_id: str, field: str) -> bytes:
        """Return the same text sealed with the newest key."""
        if self.is_current(sealed):
            return sealed
        return self.seal(self.open(sealed, row_id=row_id, field=field), row_id=row_id, field=field)

    def blind_index(self, channel: str, address: str) -> str:
        """Return what finds `address` without opening anything: the same for equal addresses."""
        return self._keyed(f"address|{channel}|{address}")

    def token(self, text: str) -> str:
        """Return a keyed hash that stands for `text` where it must not be named: 64 hex digits."""
        return self._keyed(f"token|{text}")

    def _keyed(self, text: str) -> str:
        return hmac.digest(self._index, text.encode(), hashlib.sha256).hex()


def new_keys() -> str:
    """Return fresh keys in the form that `Vault.parse` takes, one entry a line."""
    return "".join(
        f"{key_id}:{base64.b64encode(os.urandom(KEY_BYTES)).decode()},\n"
        for key_id in ("k1", INDEX_KEY)
    )


def _parse_key(entry: str, *, number: int) -> tuple[str, bytes]:
    key_id, separator, encoded = entry.partition(":")
    if not separator or not _KEY_ID.fullmatch(key_id):
        raise VaultKeyError(
            f"vault key number {number} is not of the form `id:base64key` "
            "(id: 1 to 16 letters, digits or hyphens)"
        )
    try:
        key = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error) as error:
        raise VaultKeyError(f"vault key `{key_id}` is not base64") from error
    if len(key) != KEY_BYTES:
        raise VaultKeyError(f"vault key `{key_id}` has {len(key)} bytes; it takes {KEY_BYTES}")
    return key_id, key


def _split(sealed: bytes) -> tuple[str, bytes, bytes]:
    end = 1 + (sealed[0] if sealed else 0)
    if len(sealed) < end + NONCE_BYTES + 16:
        raise VaultKeyError("a sealed text is cut short")
    return (
        sealed[1:end].decode("ascii", "replace"),
        sealed[end : end + NONCE_BYTES],
        sealed[end + NONCE_BYTES :],
    )


def _bound(row_id: str, field: str) -> bytes:
    return f"{row_id}|{field}".encode()
