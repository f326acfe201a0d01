"""Where the money is: what became of each grant line's pence, from the award to the hand it reached and back.

This slice records nothing. It reads awards, spending and stock together and gives every penny one place.
"""
