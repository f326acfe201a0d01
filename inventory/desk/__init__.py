"""The home pages of a place: the sergeant's station and the store desk. They own no records, only the view."""
