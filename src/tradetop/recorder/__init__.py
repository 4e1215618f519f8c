"""The left half: what is pulled from a target becomes series, events and alerts in its store."""
