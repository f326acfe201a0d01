"""Bodies and their places: stations, stores, partner sites, and the outside every move begins or ends in."""
