"""The little that is not domain: errors, money, database, access, trail, forms, web, sheets and PDF.

Every other area may lean on this one; it leans on none of them.
"""
