"""Where help is: coverage by area, the briefings log, the partnership's actions and its quarterly pack."""
