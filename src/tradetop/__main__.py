"""`python -m tradetop`."""

from tradetop.cli import main

main()
