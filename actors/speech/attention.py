"""Where a Whisper's decoder looks while it writes a given text, and how likely it finds each token.

What was written is read once more as a whole, one window at a time, timestamps included: with them the decoder knows
which of two equal sentences it is in. Source: openai/whisper, `timing.py` (`find_alignment`), which leaves them out;
transformers' `_extract_token_timestamps` keeps them, and works with the same heads.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch
    from transformers import WhisperForConditionalGeneration

Heads = Sequence[tuple[int, int]]
"""(layer, head) of the decoder whose attention follows the words."""


def show_attention(model: WhisperForConditionalGeneration) -> None:
    """Makes the decoder's cross-attention give its weights; the faster kernels keep them to themselves."""
    for layer in model.model.decoder.layers:
        visible = copy.copy(layer.encoder_attn.config)
        visible._attn_implementation = "eager"
        layer.encoder_attn.config = visible


def text_attention(
    model: WhisperForConditionalGeneration,
    encoded: torch.Tensor,
    prefix: Sequence[int],
    written: Sequence[int],
    heads: Heads,
    frames: int,
) -> tuple[NDArray[np.float32], list[float]]:
    """Attention float32 (heads, N + 1, frames), row i while token i is sought, and N probabilities.

    Args:
        model: after `show_attention`.
        encoded: (1, 1500, d_model).
        prefix: tokens that are not the model's to choose.
        written: N tokens after it; the last row of attention is where their end is sought.
        heads: whose attention is taken.
        frames: positions of the encoder that hold sound.
    """
    import torch

    tokens = torch.tensor([[*prefix, *written]], device=encoded.device)
    with torch.inference_mode(), watched(model, {layer for layer, _ in heads}) as seen:
        logits = model(encoder_outputs=(encoded,), decoder_input_ids=tokens, use_cache=False).logits[0]
    first = len(prefix) - 1
    looks = torch.stack([seen[layer][0, head, first:, :frames] for layer, head in heads]).float()
    looks = looks / looks.sum(-1, keepdim=True)
    likely = logits[first:-1].float().softmax(-1).gather(1, tokens[0, len(prefix) :, None])[:, 0]
    return looks.cpu().numpy(), likely.tolist()


@contextmanager
def watched(model: WhisperForConditionalGeneration, layers: set[int]) -> Iterator[dict[int, Any]]:
    """Layer -> its cross-attention (1, heads, tokens, positions), filled while the model runs inside the block."""
    seen: dict[int, Any] = {}

    def keep(layer: int) -> Any:
        return lambda module, inputs, outputs: seen.__setitem__(layer, outputs[1])

    hooks = [model.model.decoder.layers[layer].encoder_attn.register_forward_hook(keep(layer)) for layer in layers]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()
