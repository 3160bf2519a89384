"""The administrator's policy file."""

from webhook.policyfile.file import (
    BUILT_IN,
    LoadedPolicy,
    PolicyFileError,
    load_policy,
    parse_policy,
)

__all__ = ["BUILT_IN", "LoadedPolicy", "PolicyFileError", "load_policy", "parse_policy"]
