from torch.export import Dim

batch_size = Dim("batch_size", min=1, max=8)
sequence_length = Dim("sequence_length", min=1, max=16)
past_sequence_length = Dim("past_sequence_length", min=0, max=32)

dynamic_shapes = {
    "input_ids": {0: batch_size, 1: sequence_length},
    "attention_mask": {0: batch_size, 1: Dim.DYNAMIC},
    "position_ids": {0: batch_size, 1: sequence_length},
    "past_key_values": [({0: batch_size, 2: past_sequence_length}, {0: batch_size, 2: past_sequence_length})] * 2,
}
