"""Templates and the one style sheet: what every page is rendered with, the served ones and those in files."""

import base64
import hashlib

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from recon_exporter.web.drift_chart import HEIGHT, WIDTH

# Marks that turn the direction of writing would let a name turn the sentence around it.
_UNSEEN = {mark: f"⟨U+{mark:04X}⟩" for mark in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))}


class Rendering:
    """Renders a template to a whole page; all text that is not marked as markup is escaped."""

    def __init__(self, version: str) -> None:
        self._templates = Environment(
            loader=PackageLoader("recon_exporter.web"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
            finalize=_seen,
        )
        self._templates.filters["breakable"] = _breakable
        style = self._templates.get_template("style.css").render()
        self.policy = _policy(style)
        """What a page may do: show our one style sheet, known by its digest, and nothing else."""
        self._templates.globals.update(style=Markup(style), version=version)  # noqa: S704  # our own file
        self._templates.globals.update(chart_width=WIDTH, chart_height=HEIGHT, file_policy=None)

    def page(self, template: str, **values: object) -> bytes:
        """The page. Names out of other people's files may hold halves of characters, which no encoding knows."""
        return self._templates.get_template(template).render(values).encode(errors="replace")


def _seen(value: object) -> object:
    """The value as it is shown: marks that nobody would see are written out."""
    return value.translate(_UNSEEN) if isinstance(value, str) else value


def _breakable(name: str) -> Markup:
    """A name in which a line may end after each underscore."""
    return escape(name).replace("_", Markup("_<wbr>"))


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
