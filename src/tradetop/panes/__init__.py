"""Panes: a frame and a look become boxes of text in roles; the screen, text, SVG and PNG are made of them."""
