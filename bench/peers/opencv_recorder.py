"""A plain OpenCV program with Lookback's duty, for the comparison of costs.

Reads a clip at the pace of a live camera, decodes every frame as OpenCV does,
writes a JPEG each second, a JSON line for each frame and an SQLite row for each
batch of ten seconds. Unlike Lookback it does not keep the video.

    opencv_recorder.py CLIP FOLDER CAMERA_ID
"""

import datetime
import json
import os
import signal
import sqlite3
import sys
import time

import cv2

FPS = 25
BATCH_SECONDS = 10
JPEG_QUALITY = 85


def main(clip, folder, camera_id):
    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    os.makedirs(folder, exist_ok=True)
    database = sqlite3.connect(os.path.join(folder, "batches.db"))
    database.execute("pragma journal_mode = wal")
    database.execute(
        "create table batches (batch_id integer primary key, starting_frame_id integer, "
        "ending_frame_id integer, timestamp text)"
    )
    capture = cv2.VideoCapture(clip)
    started = time.monotonic()
    batch_start = 1
    image_path = None
    frame_id = 0
    with open(os.path.join(folder, "frames.jsonl"), "a") as log:
        while not stopping:
            ok, frame = capture.read()
            if not ok:
                break
            frame_id += 1
            pause = started + frame_id / FPS - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            now = datetime.datetime.now(datetime.timezone.utc)
            if frame_id % FPS == 1:
                image_path = os.path.join(folder, now.strftime("%H%M%S%f") + ".jpg")
                cv2.imwrite(image_path, frame, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
            line = {
                "camera_id": camera_id,
                "frame_id": frame_id,
                "timestamp": now.isoformat(),
                "geo_location": None,
                "image_path": image_path,
            }
            log.write(json.dumps(line) + "\n")
            log.flush()
            if frame_id % (FPS * BATCH_SECONDS) == 0:
                with database:
                    database.execute(
                        "insert into batches (starting_frame_id, ending_frame_id, timestamp) "
                        "values (?, ?, ?)",
                        (batch_start, frame_id, now.isoformat()),
                    )
                batch_start = frame_id + 1
    capture.release()
    database.close()


main(*sys.argv[1:4])
