"""Log lines without personal data: whatever looks like a mail address is taken out."""

import logging
import re

ADDRESS = re.compile(r"[^\s<>\"'(),;:=\[\]]+@[^\s<>\"'(),;:=\[\]]+")


class WithoutAddresses(logging.Formatter):
    """Works on the finished line, so that arguments and tracebacks are covered too."""

    def format(self, record: logging.LogRecord) -> str:
        return ADDRESS.sub("[address]", super().format(record))
