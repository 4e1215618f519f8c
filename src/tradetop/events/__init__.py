"""Bot events: from a bot's own database, or worked out from its metrics; as a feed, as series, as groups."""
