"""Who and where: bodies, places, suppliers and accounts."""
