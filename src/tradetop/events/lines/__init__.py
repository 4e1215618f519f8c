"""Lines as events: log files, a unit's journal and Loki, each line turned into events by a mapping."""
