"""/-/healthy, /-/ready, /-/reload: for supervisors and operators."""

import asyncio

import structlog
from aiohttp import web

from recon_exporter.errors import ConfigurationError
from recon_exporter.web.answers import Answer, plain
from recon_exporter.web.site import Site

LOG = structlog.get_logger(__name__)


class Lifecycle:
    """Answers what is asked about the process itself."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._reloading = asyncio.Lock()

    async def healthy(self, _: web.BaseRequest) -> Answer:
        """200 while the scheduler shows signs of life."""
        problems = self._site.health.unhealthy()
        return plain(503, *problems) if problems else plain(200, "recon-exporter is healthy")

    async def ready(self, _: web.BaseRequest) -> Answer:
        """200 once the configuration is loaded and the first cycle has ended."""
        missing = self._site.health.unready()
        return plain(503, *missing) if missing else plain(200, "recon-exporter is ready")

    async def reload(self, _: web.BaseRequest) -> Answer:
        """Take the configuration anew; 500 with every problem where it is refused."""
        if self._site.reload is None:
            return plain(403, "the lifecycle is not enabled: start with --web.enable-lifecycle")
        try:
            async with self._reloading:
                await asyncio.to_thread(self._site.reload)
        except ConfigurationError as error:
            for problem in error.problems:
                LOG.warning("configuration refused, the last good one stays in force", problem=str(problem))
            return plain(500, "refused, the last good configuration stays in force:", *map(str, error.problems))
        return plain(200, "the configuration was reloaded")
