"""`python -m bot ...` is `notify-errors ...`."""

from bot.cli import main

if __name__ == "__main__":
    main()
