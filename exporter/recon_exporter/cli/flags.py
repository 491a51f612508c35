"""Flags that concern every command, accepted in front of the command and behind it."""

VALUE_FLAGS = (
    "--config.file",
    "--web.listen-address",
    "--web.external-url",
    "--web.config.file",
    "--log.level",
    "--log.format",
)
SWITCH_FLAGS = ("--web.enable-lifecycle",)


def flags_first(arguments: list[str]) -> list[str]:
    """The same arguments with the flags that concern every command moved in front of the command."""
    flags: list[str] = []
    others: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument in VALUE_FLAGS:
            flags += [argument, *[value for value in [next(rest, None)] if value is not None]]
        elif argument.partition("=")[0] in VALUE_FLAGS or argument in SWITCH_FLAGS:
            flags.append(argument)
        else:
            others.append(argument)
    return flags + others
