"""Values and ports that every floor shares; standard library only."""
