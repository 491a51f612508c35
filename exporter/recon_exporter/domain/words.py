"""Words from outside, shown where a line is read by a person or a program."""


def one_line(text: str) -> str:
    """The text itself, or quoted with escapes where it would break the line or not show."""
    return text if text.isprintable() else ascii(text)
