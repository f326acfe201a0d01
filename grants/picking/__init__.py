"""Fund-aware picking: which lots to send first because their money ends, and which were bought for other places."""
