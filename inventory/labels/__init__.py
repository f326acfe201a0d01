"""Labels on A4 sheets, with QR codes: for Go Bags, for shelves (a place and an item) and for boxes (lots).

It holds nothing: a label says what is so when it is printed and never changes later (a tag, a lot, its use by date),
and its code opens the page that says the rest.
"""
