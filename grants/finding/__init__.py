"""The one search box: stock for everybody who sees stock, and money for those who see money."""
