"""Which accounts an exchange snapshot holds, and how each is asked, by configuration and account map."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from recon_exporter.demo.hbot_writer import HbotFiles, minute_row
from recon_exporter.domain.policy import AccountMode
from recon_exporter.domain.probe import ProbeStatus
from recon_exporter.ports import Clock, VenueMeter
from recon_exporter.sources import Connections, askings
from support.evidence import FixedClock
from support.workspace import ACCOUNT_MAP, THRESHOLDS, workspace

if TYPE_CHECKING:
    from pathlib import Path

    from recon_exporter.settings.credentials import Credentials
    from recon_exporter.settings.model import Settings
    from recon_exporter.settings.venues import FleetCcxtVenue
    from recon_exporter.sources import Asking
    from support.workspace import Workspace
