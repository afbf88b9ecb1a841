"""The log of the server: what handlers write of it holds no secret."""

from __future__ import annotations

import logging
import traceback

from healthsim.scrubbing import scrubbed


def scrub_logs() -> None:
    """Let no handler of this program's log write a secret."""
    for handler in logging.getLogger().handlers:
        if not any(isinstance(kept, _Scrubbing) for kept in handler.filters):
            handler.addFilter(_Scrubbing())


class _Scrubbing(logging.Filter):
    """Makes the text of a record, and of the error that comes with it, before a handler does."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if record.exc_info and record.exc_info[0] is not None:
            text += "\n" + "".join(traceback.format_exception(*record.exc_info)).rstrip()
        record.msg, record.args, record.exc_info, record.exc_text = scrubbed(text), (), None, None
        return True
