"""Reading ledgers: files and imports, lines, and what is explained. Money is kept for the whole organisation, so
no scope belongs here.
"""
