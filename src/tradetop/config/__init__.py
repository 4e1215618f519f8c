"""Configuration: one YAML file that says what the command line says, and more."""

from tradetop.config.file import (
    AuthConfig,
    Config,
    DiscoverConfig,
    HeartbeatConfig,
    TargetConfig,
    default_path,
    load,
    parse,
    warnings,
)
from tradetop.config.notify import NotifyConfig, QuietConfig, ReceiverConfig

__all__ = [
    "AuthConfig",
    "Config",
    "DiscoverConfig",
    "HeartbeatConfig",
    "NotifyConfig",
    "QuietConfig",
    "ReceiverConfig",
    "TargetConfig",
    "default_path",
    "load",
    "parse",
    "warnings",
]
