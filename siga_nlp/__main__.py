"""``python -m siga_nlp`` is ``siga``."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
