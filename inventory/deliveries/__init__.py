"""Goods in: deliveries from suppliers and gifts from donors, each line becoming a lot."""
