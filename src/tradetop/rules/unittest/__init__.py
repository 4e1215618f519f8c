"""Unit tests of rules: promtool's test files, run over series that the file itself gives."""
