"""`python -m kb.cli`, the same as `policykb`."""

from kb.cli import main

if __name__ == "__main__":
    main()
