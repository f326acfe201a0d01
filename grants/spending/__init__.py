"""Orders, supplier invoices, spending rows and their apportionment to grant lines.

Apportionment hangs on a spending row. What a row costs a grant is its net plus any VAT that is not recovered.
A lot reads its cost and funding through the delivery line and the row that billed it; nothing is copied.
"""
