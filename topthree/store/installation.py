"""What belongs to this installation and to no setting: the key that addresses are hashed with."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from sqlalchemy import LargeBinary, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.store.base import Table


class InstallationRow(Table, kw_only=True, repr=False):
    """One row, made by the first migration."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Kept here and not in the settings: suppressions must outlive every change of secret keys.
    address_hash_key: Mapped[bytes] = mapped_column(LargeBinary(32))


def hash_address(session: Session, address_key: str) -> bytes:
    """Return the keyed hash by which suppressions know this address."""
    return hash_addresses(session, [address_key])[address_key]


def hash_addresses(session: Session, address_keys: Sequence[str]) -> dict[str, bytes]:
    """Return the keyed hash of each of these addresses."""
    secret = session.scalars(select(InstallationRow.address_hash_key)).one()
    return {key: hmac.new(secret, key.encode(), hashlib.sha256).digest() for key in address_keys}
