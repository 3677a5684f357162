"""Times PySceneDetect on one film, inside its own environment: what each backend takes and finds, as JSON on stdout.

Its default detector and downscaling, every backend that it has; opening the film is timed, importing is not.
"""

import json
import sys
import time

from scenedetect import AdaptiveDetector, SceneManager, open_video


def main(path: str) -> None:
    found = {}
    for backend, options in (("opencv", {}), ("pyav", {}), ("pyav", {"threading_mode": "AUTO"})):
        clock_s, processor_s = time.perf_counter(), time.process_time()
        video = open_video(path, backend=backend, **options)
        manager = SceneManager()
        manager.add_detector(AdaptiveDetector())
        manager.detect_scenes(video)
        cuts = [start.frame_num for start, _ in manager.get_scene_list()[1:]]
        found[" ".join([backend, *options.values()])] = {
            "clock_s": time.perf_counter() - clock_s,
            "processor_s": time.process_time() - processor_s,
            "cuts": cuts,
        }
    json.dump(found, sys.stdout)


main(sys.argv[1])
