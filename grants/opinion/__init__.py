"""An independent opinion: the whole ledger as plain-text accounting, for programs that share no code with ours."""
