"""What is computed at import: every op on weights and shapes, with torch itself.

A free batch of such a value is kept as one sample, which stands for all of them:
`Host.batch`.
"""

import torch
from torch.utils._pytree import tree_leaves

from ..onnx.report import NodeProblem
from ..onnx.values import Batch, Host, Sequence, Tensor
from ..onnx.moved import Moved
from ..onnx.quantized import Quantized


def holds_activation(value):
    """Whether an argument holds what is known only when the network runs."""
    if isinstance(value, (list, tuple)):
        return any(holds_activation(part) for part in value)
    if isinstance(value, Sequence):
        return holds_activation(value.values)
    return isinstance(value, (Tensor, Moved, Quantized))


def _to_torch(value):
    if isinstance(value, Host):
        return torch.from_numpy(value.array)
    if isinstance(value, Sequence):
        return [_to_torch(part) for part in value.values]
    if isinstance(value, Batch):
        return value.factor
    if isinstance(value, (list, tuple)):
        return [_to_torch(part) for part in value]
    return value


def batch_of(shape):
    """The Batch that is the first of the sizes, or None."""
    if any(isinstance(size, Batch) for size in shape[1:]):
        raise NodeProblem("the batch of a constant is not its first dimension")
    return shape[0] if shape and isinstance(shape[0], Batch) else None


def host_of_tensor(tensor, name, shape):
    """The Host of a torch tensor, whose sizes are `shape`."""
    tensor = tensor.detach()
    if tensor.dtype in (torch.bfloat16, torch.float16):
        tensor = tensor.float()
    return Host(tensor.resolve_conj().resolve_neg().numpy(), name, batch_of(shape))


# Ops that may take the size of the batch, and those that may name its dimension.
_SIZED = ("full", "zeros", "ones", "empty", "expand", "view", "_unsafe_view", "reshape", "repeat")
_SIZED += ("new_full", "new_zeros", "new_ones", "new_empty", "unflatten", "slice")


def _check_batch(target, arguments, shapes):
    """One sample may stand for all of a batch."""
    name = str(target).split(".")[1] if isinstance(target, torch._ops.OpOverload) else ""
    holds_size = any(isinstance(part, Batch) for part in tree_leaves(list(arguments)))
    if holds_size and name not in _SIZED:
        raise NodeProblem("computes with the size of the batch")
    hosts = [part for part in tree_leaves(list(arguments)) if isinstance(part, Host)]
    if not name or not any(host.batch for host in hosts):
        return
    schema = target._schema.arguments
    given = dict(zip((argument.name for argument in schema), arguments))
    axes = given.get("dim", given.get("dims"))
    first = next(host for host in hosts if host.batch)
    rank = len(first.shape)
    along = [axes] if isinstance(axes, int) else axes or []
    if name not in ("slice", "permute") and any(axis in (0, -rank) for axis in along):
        raise NodeProblem("works along the batch")
    if not all(shape and isinstance(shape[0], Batch) for shape in shapes):
        raise NodeProblem("works along the batch")


def fold(target, arguments, keywords, name, shapes):
    """The value of `target` over constants. `shapes`: of the results, by index."""
    _check_batch(target, arguments, shapes)
    if not isinstance(target, torch._ops.OpOverload):
        result = target(*_to_torch(arguments), **{k: _to_torch(v) for k, v in keywords.items()})
    elif torch.Tag.nondeterministic_seeded in target.tags:
        raise NodeProblem("unsupported op: its result is random")
    else:
        with torch.no_grad():
            result = target(
                *_to_torch(arguments), **{k: _to_torch(v) for k, v in keywords.items()}
            )
    if isinstance(result, torch.Tensor):
        return host_of_tensor(result, name, shapes[0])
    if isinstance(result, (list, tuple)):
        return Sequence(
            [
                host_of_tensor(part, f"{name}.{i}", shape)
                for i, (part, shape) in enumerate(zip(result, shapes))
            ]
        )
    return result
