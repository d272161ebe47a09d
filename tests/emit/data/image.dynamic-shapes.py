from torch.export import Dim

batch = Dim("batch", min=1, max=64)
height_div_8 = Dim("height_div_8", min=1, max=8)
height = 8 * height_div_8
count = Dim("count", min=0)

dynamic_shapes = {
    "pixels": {0: batch, 2: height, 3: 2 * height + 1},
    "scale": {},
    "labels": {0: count},
}
