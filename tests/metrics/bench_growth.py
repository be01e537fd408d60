#!/usr/bin/env python3
"""How reading and scoring grow: 0.4, 1, 2 and 5 million detections, then a truth file of 2 GB.

usage: bench_growth.py path/to/bench_coco_eval [FOLDER]   (FOLDER: 3 GB free, default a temporary one)

Files are made up one by one (fixed seed), measured by bench_coco_eval with 3 runs and deleted.
"""
import os
import random
import subprocess
import sys
import tempfile

CATEGORIES = 80


def box(rng):
    return "[%.2f, %.2f, %.2f, %.2f]" % (
        rng.uniform(0, 500), rng.uniform(0, 400), rng.expovariate(1 / 60), rng.expovariate(1 / 60))


def write_truth(path, images, boxes, points):
    """`boxes` annotations with a polygon of `points` points each."""
    rng = random.Random(1)
    polygons = ["[[%s]]" % ", ".join("%.2f" % rng.uniform(0, 600) for _ in range(2 * points)) for _ in range(50)]
    with open(path, "w") as out:
        out.write('{"images": [%s], "categories": [%s], "annotations": [' % (
            ", ".join('{"id": %d, "file_name": "%012d.jpg", "width": 640, "height": 480}' % (i, i)
                      for i in range(images)),
            ", ".join('{"id": %d, "name": "category %d"}' % (k, k) for k in range(CATEGORIES))))
        for i in range(boxes):
            out.write('%s{"segmentation": %s, "area": %.1f, "iscrowd": 0, "image_id": %d, "bbox": %s, '
                      '"category_id": %d, "id": %d}' % (
                          ", " if i else "", polygons[i % 50], rng.uniform(10, 20000), rng.randrange(images),
                          box(rng), rng.randrange(CATEGORIES), i + 1))
        out.write("]}")


def write_detections(path, images, count):
    rng = random.Random(2)
    with open(path, "w") as out:
        out.write("[")
        for i in range(count):
            out.write('%s{"image_id": %d, "category_id": %d, "bbox": %s, "score": %.5f}' % (
                ", " if i else "", i * images // count, rng.randrange(CATEGORIES), box(rng), rng.random()))
        out.write("]")


def measure(program, truth, detections, title):
    sizes = [os.path.getsize(path) / 1e6 for path in (truth, detections)]
    print("\n%s (truth %.0f MB, detections %.0f MB)" % (title, *sizes), flush=True)
    subprocess.run([program, truth, detections, "3"], check=True, env={**os.environ, "PYTHON": "/bin/true"})


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as folder:
        truth, detections = os.path.join(folder, "gt.json"), os.path.join(folder, "dt.json")
        for millions in (0.4, 1, 2, 5):
            count = int(millions * 1e6)
            write_truth(truth, count // 80, count // 11, 4)
            write_detections(detections, count // 80, count)
            measure(program, truth, detections, "%g million detections" % millions)
        write_truth(truth, 100000, 2000000, 60)
        write_detections(detections, 100000, 400000)
        measure(program, truth, detections, "a truth of %.1f GB" % (os.path.getsize(truth) / 1e9))


main()
