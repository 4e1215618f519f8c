"""The right half: reads stores and makes the frame for a view."""
