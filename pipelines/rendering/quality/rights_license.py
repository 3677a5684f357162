"""May everything in the film be shown? An asset whose licence is not known blocks publishing (section 25.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pipelines.rendering.quality.verdict import not_applicable, verdict
from schemas.render_output import GateResult
from schemas.render_plan import RenderPlan, ResolvedAsset
from schemas.rights import Rights

FREE = frozenset({"cc0", "cc0-1.0", "public_domain", "pd", "unlicense", "generated_local", "proprietary_cleared"})
"""Licences that ask for nothing."""

ATTRIBUTED = ("cc-by", "mit", "bsd", "apache", "ofl", "isc", "attribution")
"""Beginnings of licences that ask for a credit line."""

PURCHASED = frozenset({"commercial_licensed", "commercial", "royalty_free", "rights_managed"})
"""Licences that ask for a record of the purchase."""

LIMIT = "every asset under a known licence, with the credit line or purchase record that it asks for"


def rights_license(plan: RenderPlan) -> GateResult:
    """Check the rights record of every resolved asset."""
    if not plan.assets:
        return not_applicable("rights_license", "the film uses no assets", limit=LIMIT)
    problems = [f"{asset.asset_id}: {problem}" for asset in plan.assets for problem in _problems(asset)]
    counted = Counter(asset.rights.license_type for asset in plan.assets)
    said = ", ".join(f"{count} {name}" for name, count in sorted(counted.items()))
    return verdict("rights_license", problems, measured=f"{len(plan.assets)} assets: {said}", limit=LIMIT)


def _problems(asset: ResolvedAsset) -> Iterator[str]:
    rights = asset.rights
    name = rights.license_type.strip().lower()
    if name.startswith(ATTRIBUTED):
        if not rights.attribution.strip():
            yield f"licence {rights.license_type!r} asks for a credit line, and there is none"
    elif name in PURCHASED:
        if not rights.purchase_record.strip():
            yield f"licence {rights.license_type!r} asks for a purchase record, and there is none"
    elif name not in FREE:
        yield f"licence {rights.license_type!r} is not known"
    yield from _unowned(asset, rights)


def _unowned(asset: ResolvedAsset, rights: Rights) -> Iterator[str]:
    if asset.source == "local_library" and rights.license_type == "generated_local":
        yield "it comes from the library, yet its record says that this run generated it"
    if not rights.provider_or_model.strip():
        yield "nobody is named as its source"
