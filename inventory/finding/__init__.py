"""Finding a thing of the stock half by what is printed on it: one question for every kind."""
