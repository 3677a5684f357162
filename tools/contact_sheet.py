"""`python -m tools.contact_sheet RUN_FOLDER IMAGE [COLUMNS]`: one picture of every shot of a finished run."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

from pipelines.media.clip import ClipReader
from schemas.shotlist import ShotList

TILE_WIDTH_PX = 320
MARGIN_PX = 4
JPEG_QUALITY = 82


def contact_sheet(folder: Path, columns: int = 5) -> Image.Image:
    """The middle frame of every shot, in film order, left to right."""
    shotlist = ShotList.read((folder / "ShotList.json").read_bytes())
    with ClipReader(folder / "episode.mp4", shotlist.edit_rate) as film:
        frames = [
            Image.fromarray(film.frame_at(shot.start_ticks + shot.duration_ticks * 3 // 5)) for shot in shotlist.shots
        ]
    height_px = TILE_WIDTH_PX * frames[0].height // frames[0].width
    rows = -(-len(frames) // columns)
    step_x, step_y = TILE_WIDTH_PX + MARGIN_PX, height_px + MARGIN_PX
    sheet = Image.new("RGB", (columns * step_x + MARGIN_PX, rows * step_y + MARGIN_PX), "#15171c")
    for number, frame in enumerate(frames):
        tile = frame.resize((TILE_WIDTH_PX, height_px), Image.Resampling.LANCZOS)
        sheet.paste(tile, (MARGIN_PX + number % columns * step_x, MARGIN_PX + number // columns * step_y))
    return sheet


def main() -> None:
    """Writes the sheet as JPEG."""
    folder, target = Path(sys.argv[1]), Path(sys.argv[2])
    columns = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    target.parent.mkdir(parents=True, exist_ok=True)
    contact_sheet(folder, columns).save(target, quality=JPEG_QUALITY, optimize=True)


if __name__ == "__main__":
    main()
