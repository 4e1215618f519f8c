"""The screen: hosts what the panes draw, turns keys into a new state, and sends what changed to the terminal."""
