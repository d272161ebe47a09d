dynamic_axes = {
    "pixels": {2: "height", 3: "height * 2 + 1"},
    "scale": {},
    "labels": {0: "count"},
    "boxes": {1: "height // 8"},
}
