"""The configuration: its shape (pydantic models) and its meaning (loading, precedence, cross-checks, secrets).

``loading.load`` gives frozen ``model.Settings`` or raises ConfigurationError with every problem; ``store`` keeps the
last good ones. This module imports nothing, so that the command line may take ``overrides`` without loading pydantic.
"""
