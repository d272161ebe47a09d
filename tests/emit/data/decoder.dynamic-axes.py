dynamic_axes = {
    "input_ids": {0: "batch_size", 1: "sequence_length"},
    "attention_mask": {0: "batch_size", 1: "past_sequence_length + sequence_length"},
    "position_ids": {0: "batch_size", 1: "sequence_length"},
    "past_key_values.0.key": {0: "batch_size", 2: "past_sequence_length"},
    "past_key_values.0.value": {0: "batch_size", 2: "past_sequence_length"},
    "past_key_values.1.key": {0: "batch_size", 2: "past_sequence_length"},
    "past_key_values.1.value": {0: "batch_size", 2: "past_sequence_length"},
    "logits": {0: "batch_size", 1: "sequence_length"},
    "present.0.key": {0: "batch_size", 2: "past_sequence_length + sequence_length"},
    "present.0.value": {0: "batch_size", 2: "past_sequence_length + sequence_length"},
    "present.1.key": {0: "batch_size", 2: "past_sequence_length + sequence_length"},
    "present.1.value": {0: "batch_size", 2: "past_sequence_length + sequence_length"},
}
