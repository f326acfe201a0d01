"""What people do with accounts: open, invite, give roles, name deputies, sign in.

Every act on an account is refused to its own holder where it would change what they may do. Signing in itself
makes no domain change; what it writes are credentials' last use, failed attempts and sessions.
"""

from organisation.accounts.services.accounts import (
    declare_demonstration,
    open_account,
    open_first_administrator,
)
from organisation.accounts.services.sessions import (
    Kept,
    begin_session,
    end_session,
    forget_expired_sessions,
    keep_session,
    see_session,
)
from organisation.accounts.services.sign_in import (
    Proof,
    check_password,
    count_failure,
    refuse_too_many,
    sign_in,
)

__all__ = [
    "Kept",
    "Proof",
    "begin_session",
    "check_password",
    "count_failure",
    "declare_demonstration",
    "end_session",
    "forget_expired_sessions",
    "keep_session",
    "open_account",
    "open_first_administrator",
    "refuse_too_many",
    "see_session",
    "sign_in",
]
