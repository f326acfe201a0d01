"""What people do with accounts: open, invite, give roles, name deputies, sign in.

Every act on an account is refused to its own holder where it would change what they may do. Signing in itself
makes no domain change; what it writes are credentials' last use, failed attempts and sessions.
"""

from organisation.accounts.services.accounts import (
    declare_demonstration,
    disable_account,
    enable_account,
    open_account,
    open_first_administrator,
    refuse_second_beginning,
)
from organisation.accounts.services.deputies import end_deputy, name_deputy
from organisation.accounts.services.invitations import EXPIRED, Invitation, accept_invitation, invite, reset
from organisation.accounts.services.passwords import change_password, end_other_sessions
from organisation.accounts.services.roles import end_role, give_roles, move
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
    "EXPIRED",
    "Invitation",
    "Kept",
    "Proof",
    "accept_invitation",
    "begin_session",
    "change_password",
    "check_password",
    "count_failure",
    "declare_demonstration",
    "disable_account",
    "enable_account",
    "end_deputy",
    "end_other_sessions",
    "end_role",
    "end_session",
    "forget_expired_sessions",
    "give_roles",
    "invite",
    "keep_session",
    "move",
    "name_deputy",
    "open_account",
    "open_first_administrator",
    "refuse_second_beginning",
    "refuse_too_many",
    "reset",
    "see_session",
    "sign_in",
]
